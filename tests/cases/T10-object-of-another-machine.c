//#Machine: x86_64 arm64 ppc64le
//#KernelMachine: s390x
//#Index: vmlinux foo
//#Patch: vmlinux replacement
//#Expect: KLP0391
//#Text: and the kernel is for s390x
//#Text[arm64]: This object is for arm64
extern int foo(int);
int replacement(int a) { return foo(a) + 1; }
