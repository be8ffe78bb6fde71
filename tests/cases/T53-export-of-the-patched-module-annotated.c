//#Index: ext4 foo 1 T
//#Export: foo ext4
//#Patch: ext4 replacement
//#KlpSymbol: ext4.foo,0
//#KlpRela: ext4.text 1
extern int foo(int) asm(".klp.sym.rela.ext4.ext4.foo.0");
int replacement(int a) { return foo(a) + 1; }
