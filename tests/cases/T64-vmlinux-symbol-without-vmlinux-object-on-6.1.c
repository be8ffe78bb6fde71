//#Kernel: 6.1
//#Index: vmlinux foo
//#Index: ext4 other
//#Patch: ext4 replacement
//#KlpSymbol: vmlinux.foo,0
//#KlpRela: vmlinux.text 1
extern int foo(int);
int replacement(int a) { return foo(a) + 1; }
