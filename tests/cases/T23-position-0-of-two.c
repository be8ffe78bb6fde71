//#Index: vmlinux foo 2
//#Patch: vmlinux replacement
//#Expect: KLP0352
//#Text: Provided KLP_SYMPOS of 0, but found 2 symbols matching: vmlinux.foo,0
//#Text: : KLP_RELOC_SYMBOL_POS(vmlinux, vmlinux, foo, 2)
extern int foo(int) asm(".klp.sym.rela.vmlinux.vmlinux.foo.0");
int replacement(int a) { return foo(a); }
