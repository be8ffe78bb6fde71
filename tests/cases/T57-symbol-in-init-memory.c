//#Options: -g
//#Index: vmlinux foo 1 t init
//#Patch: vmlinux replacement
//#Expect: KLP0357
//#Text: input.c(7
extern int foo(int);
int replacement(int a) { return foo(a); }
