//#Options: -ffunction-sections -fdata-sections
//#Machine: x86_64 arm64 ppc64le s390x
//#Kernel: 6.17
//#Index: ext4 foo
//#Index: vmlinux bar
//#Patch: ext4 ext4_new
//#Patch: vmlinux vmlinux_new
//#KlpSymbol: ext4.foo,0
//#KlpSymbol: vmlinux.bar,0
//#KlpRela: ext4.text.helper 1
//#KlpRela: vmlinux.text.vmlinux_new 1
//#KlpRela: vmlinux.text.helper 1
extern int foo(int), bar(int);
static __attribute__((noinline)) int helper(int a) { return foo(a) + bar(a) + 1; }
int vmlinux_new(int a) { return bar(a) + 1; }
int ext4_new(int a) { return helper(a) + helper(a + 1); }
