//#Patch: vmlinux replacement
//#Expect: KLP0380
//#Text: Invalid format of symbol (.klp.sym.rela.vmlinux.foo.0)
//#Text: fewer than four parts
extern int foo(int) asm(".klp.sym.rela.vmlinux.foo.0");
int replacement(int a) { return foo(a); }
