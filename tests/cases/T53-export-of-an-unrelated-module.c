//#Index: ext4 other
//#Index: btrfs foo 1 T
//#Export: foo btrfs
//#Patch: ext4 replacement
//#Expect: KLP0403
//#Undefined: foo
extern int foo(int);
int replacement(int a) { return foo(a) + 1; }
