//#Machine: x86_64 arm64 ppc64le s390x
//#Kernel: 6.17
//#Patch: vmlinux replacement
//#Expect: KLP0403
static int counter, *pointer = &counter;
static __attribute__((noinline)) int helper(int a) { return a + ++*pointer; }
int replacement(int a) { return helper(a) + helper(a + 1); }
