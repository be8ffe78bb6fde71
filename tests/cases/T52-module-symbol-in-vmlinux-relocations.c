//#Index: ext4 foo
//#Patch: vmlinux replacement
//#Expect: KLP0363
//#KlpSymbol: ext4.foo,0
//#KlpRela: vmlinux.text 1
extern int foo(int) asm(".klp.sym.rela.vmlinux.ext4.foo.0");
int replacement(int a) { return foo(a) + 1; }
