//#Index: ext4 foo
//#Patch: ext4 ext4_new
//#Patch: vmlinux vmlinux_new
//#Expect: KLP0360
//#Text: runs whether ext4 is loaded or not
extern int foo(int);
int ext4_new(int a) { return a; }
int vmlinux_new(int a) { return foo(a) + 1; }
