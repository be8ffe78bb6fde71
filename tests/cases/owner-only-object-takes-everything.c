//#Index: ext4 foo
//#Patch: ext4 replacement
//#KlpSymbol: ext4.foo,0
//#KlpRela: ext4.text 1
extern int foo(int);
int reached_by_nobody(int a) { return foo(a) + 1; }
int replacement(int a) { return a; }
