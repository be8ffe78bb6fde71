//#Index: ext4 foo 1 T
//#Export: foo ext4
//#Patch: ext4 replacement
//#Expect: KLP0389
//#KlpSymbol: ext4.foo,0
//#KlpRela: ext4.text 1
//#Undefined: foo
extern int foo(int);
int init_module(void) { return foo(1) + 1; }
int replacement(int a) { return foo(a) + 2; }
