//#Index: ext4 foo 1 t
//#Index: ext4 foo 1 t init
//#Patch: ext4 replacement
//#KlpSymbol: ext4.foo,1
//#KlpRela: ext4.text 1
extern int foo(int) asm(".klp.sym.rela.ext4.ext4.foo.1");
int replacement(int a) { return foo(a) + 1; }
