//#Index: vmlinux foo
//#Patch: vmlinux replacement
//#KlpSymbol: vmlinux.foo,1
//#KlpRela: vmlinux.text 1
extern int foo(int) asm(".klp.sym.rela.vmlinux.vmlinux.foo.1");
int replacement(int a) { return foo(a) + 1; }
