//#Machine: x86_64 s390x
//#Kernel: 6.17
//#Index: ext4 foo
//#Index: btrfs bar
//#Patch: ext4 ext4_new
//#Patch: btrfs btrfs_new
//#KlpSymbol: ext4.foo,0
//#KlpSymbol: btrfs.bar,0
//#KlpRela[x86_64]: ext4.text 1
//#KlpRela[x86_64]: btrfs.rodata 1
//#KlpRela[s390x]: ext4.text 1
//#KlpRela[s390x]: btrfs.data.rel.ro 1
extern int foo(int), bar(int);
static __attribute__((noinline)) int helper(int a) { return foo(a) + 1; }
struct operations { int (*one)(int), (*two)(int); };
static const struct operations ext4_operations = { 0, helper };
static const struct operations btrfs_operations = { bar, 0 };
int btrfs_new(const struct operations **p) { *p = &btrfs_operations; return 1; }
int ext4_new(const struct operations **p) { *p = &ext4_operations; return 2; }
