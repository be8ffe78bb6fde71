//#Options: -g
//#Index: ext4 foo
//#Patch: ext4 replacement
//#Expect: KLP0360
//#Text: belongs to the module's own init or exit
extern int foo(int);
int init_module(void) { return foo(1) + 1; }
int replacement(int a) { return a; }
