//#Machine: arm64
//#Options: -fsection-anchors
//#Kernel: 6.17
//#Index: ext4 foo
//#Index: btrfs bar
//#Patch: ext4 ext4_new
//#Patch: btrfs btrfs_new
//#Expect: KLP0360
//#Expect: KLP0360
extern int foo(int), bar(int);
static __attribute__((noinline)) int helper(int a) { return foo(a) + 1; }
struct operations { int (*one)(int), (*two)(int); };
static const struct operations ext4_operations = { 0, helper };
static const struct operations btrfs_operations = { bar, 0 };
int btrfs_new(const struct operations **p) { *p = &btrfs_operations; return 1; }
int ext4_new(const struct operations **p) { *p = &ext4_operations; return 2; }
