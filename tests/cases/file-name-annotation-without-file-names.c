//#Index: vmlinux foo 2
//#Patch: vmlinux replacement
//#Expect: KLP0385
//#Text: 2. vmlinux, position 2 of 2
//#Text: : KLP_RELOC_SYMBOL_POS(vmlinux, vmlinux, foo, 2)
extern int foo(int) asm("\".klp.sym.rela.vmlinux.vmlinux.foo.@fs/ext4/super.c\"");
int replacement(int a) { return foo(a) + 1; }
