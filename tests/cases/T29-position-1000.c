//#Index: vmlinux foo 1000
//#Patch: vmlinux replacement
//#KlpSymbol: vmlinux.foo,1000
//#KlpRela: vmlinux.text 1
extern int foo(int) asm(".klp.sym.rela.vmlinux.vmlinux.foo.1000");
int replacement(int a) { return foo(a) + 1; }
