//#Index: ext4 foo 1 t
//#Index: ext4 foo 1 T
//#Export: foo ext4
//#Patch: ext4 replacement
//#KlpSymbol: ext4.foo,2
//#KlpRela: ext4.text 1
extern int foo(int);
int replacement(int a) { return foo(a) + 1; }
