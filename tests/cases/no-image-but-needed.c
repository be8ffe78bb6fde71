//#NoImage:
//#Patch: vmlinux replacement
//#Expect: KLP0356
//#Text: 2 symbols used here are not exported
//#Text: KlpKernelImageFile
extern int foo(int), bar(int);
int replacement(int a) { return foo(a) + bar(a); }
