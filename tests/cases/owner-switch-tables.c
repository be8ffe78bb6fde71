//#Machine: x86_64 arm64 ppc64le s390x
//#Kernel: 6.17
//#Index: ext4 foo
//#Index: btrfs bar
//#Export: a1 vmlinux
//#Export: a2 vmlinux
//#Export: a3 vmlinux
//#Patch: ext4 ext4_new
//#Patch: btrfs btrfs_new
//#KlpSymbol: ext4.foo,0
//#KlpSymbol: btrfs.bar,0
//#KlpRela: ext4.text 1
//#KlpRela: btrfs.text 1
extern int foo(int), bar(int), a1(int), a2(int), a3(int);
static __attribute__((noinline)) int one(int a)
{
	switch (a) { case 1: return a1(1) + 1; case 2: return a2(3) + 3; case 3: return a3(1) + 7; case 4: return foo(9) + 1; case 5: return a1(9) + 5; case 6: return a2(2) + 6; default: return 0; }
}
static __attribute__((noinline)) int two(int a)
{
	switch (a) { case 1: return a2(1) + 1; case 2: return a2(3) + 3; case 3: return a1(1) + 7; case 4: return bar(9) + 1; case 5: return a1(9) + 5; case 6: return a3(2) + 6; default: return 0; }
}
int ext4_new(int a) { return one(a) + one(a + 1); }
int btrfs_new(int a) { return two(a) + two(a + 1); }
