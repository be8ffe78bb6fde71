//#Index: vmlinux foo 2
//#Patch: vmlinux replacement
//#Expect: KLP0353
//#Text: Provided KLP_SYMPOS does not match a symbol: vmlinux.foo,3
extern int foo(int) asm(".klp.sym.rela.vmlinux.vmlinux.foo.3");
int replacement(int a) { return foo(a); }
