//#Index: ext4 foo 1 t init
//#Index: ext4 foo 1 t
//#Patch: ext4 replacement
//#Expect: KLP0358
//#Text: it is 2 while the module loads and 1 once
extern int foo(int) asm(".klp.sym.rela.ext4.ext4.foo.2");
int replacement(int a) { return foo(a); }
