//#Options: -g
//#Index: vmlinux foo
//#Index: ext4 foo
//#Patch: ext4 replacement
//#Expect: KLP0350
//#Text: vmlinux, position 1 of 1
//#Text: ext4, position 1 of 1
//#Text: KLP_RELOC_SYMBOL_POS(vmlinux, vmlinux, foo, 0)
//#Text: KLP_RELOC_SYMBOL_POS(ext4, ext4, foo, 0)
//#Text: input.c(12
extern int foo(int);
int replacement(int a) { return foo(a); }
