//#NoImage:
//#Patch: vmlinux replacement
//#KlpSymbol: vmlinux.foo,4294967296
//#KlpRela: vmlinux.text 1
extern int foo(int) asm(".klp.sym.rela.vmlinux.vmlinux.foo.4294967296");
int replacement(int a) { return foo(a) + 1; }
