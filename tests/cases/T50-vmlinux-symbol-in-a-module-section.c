//#Index: vmlinux foo
//#Index: ext4 other
//#Patch: ext4 replacement
//#Expect: KLP0362
//#Text: KLP_RELOC_SYMBOL_POS(vmlinux, vmlinux, foo, 0)
extern int foo(int) asm(".klp.sym.rela.ext4.vmlinux.foo.0");
int replacement(int a) { return foo(a); }
