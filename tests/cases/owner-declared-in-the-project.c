//#Unreadable:
//#Declare: ext4
//#Index: ext4 foo
//#KlpSymbol: ext4.foo,0
//#KlpRela: ext4.text 1
extern int foo(int);
int replacement(int a) { return foo(a) + 1; }
