//#Options: -g
//#Index: vmlinux foo 2
//#Patch: vmlinux replacement
//#Expect: KLP0350
//#Text: input.c(10
//#Text: 1. vmlinux, position 1 of 2
//#Text: 2. vmlinux, position 2 of 2
//#Text: extern typeof(foo) foo KLP_RELOC_SYMBOL_POS(vmlinux, vmlinux, foo, 1);
extern int foo(int);
int replacement(int a) { return foo(a) + 1; }
