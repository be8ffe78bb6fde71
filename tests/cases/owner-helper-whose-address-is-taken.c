//#Machine: x86_64 arm64 ppc64le s390x
//#Kernel: 6.17
//#Index: ext4 foo
//#Export: call vmlinux
//#Patch: ext4 ext4_new
//#Patch: btrfs btrfs_new
//#Expect: KLP0360
//#Text: is shared by the patches of btrfs, ext4
extern int foo(int), call(int (*)(int));
static __attribute__((noinline)) int helper(int a) { return foo(a) + 1; }
int btrfs_new(int a) { return call(helper) + 1; }
int ext4_new(int a) { return helper(a + 2); }
