//#Patch: vmlinux replacement
//#Expect: KLP0380
//#Text: Invalid format of symbol (.klp.sym.rela.vmlinux.vmlinux..0)
//#Text: the symbol (third part) is empty
extern int foo(int) asm(".klp.sym.rela.vmlinux.vmlinux..0");
int replacement(int a) { return foo(a); }
