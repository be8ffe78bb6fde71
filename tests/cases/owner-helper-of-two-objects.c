//#Machine: x86_64 arm64 ppc64le s390x
//#Kernel: 6.17
//#Options: -g
//#Index: ext4 foo
//#Patch: ext4 ext4_new
//#Patch: vmlinux vmlinux_new
//#Expect: KLP0360
//#Text: is shared by the patches of ext4, vmlinux
//#Text: KLP_RELOC_SYMBOL_POS(ext4, ext4, foo, 0)
//#Text: input.c(12
extern int foo(int);
static __attribute__((noinline)) int helper(int a) { return foo(a) + 1; }
int vmlinux_new(int a) { return helper(a) + helper(a + 1); }
int ext4_new(int a) { return helper(a) + helper(a + 2); }
