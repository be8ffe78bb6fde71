//#Machine: x86_64 arm64 ppc64le s390x
//#Kernel: 6.17
//#Index: ext4 foo
//#Patch: ext4 replacement
//#Patch: vmlinux other
//#Callback: ext4 pre_patch prepare
//#KlpSymbol: ext4.foo,0
//#KlpRela: ext4.text 1
extern int foo(int);
int prepare(void *object) { return foo(1) + 1; }
int replacement(int a) { return a; }
int other(int a) { return a + 1; }
