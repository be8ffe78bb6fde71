//#Unreadable:
//#Index: ext4 foo
//#Expect: KLP0351
//#Expect: KLP0560
//#Text: KlpObject
extern int foo(int);
int replacement(int a) { return foo(a) + 1; }
