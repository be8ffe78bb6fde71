//#Index: ext4 foo
//#Patch: ext4 replacement
//#Expect: KLP0369
extern int foo(int) asm(".klp.sym.rela.ext4.ext4.foo.0");
int __attribute__((section(".init.text"))) setup(int a) { return foo(a) + 1; }
int replacement(int a) { return a; }
