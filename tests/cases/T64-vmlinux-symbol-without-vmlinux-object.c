//#Kernel: 5.4
//#Index: vmlinux foo
//#Index: ext4 other
//#Patch: ext4 replacement
//#Expect: KLP0387
extern int foo(int);
int replacement(int a) { return foo(a) + 1; }
