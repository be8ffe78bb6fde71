//#Kernel: 5.15
//#Index: vmlinux ssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss
//#Patch: vmlinux replacement
//#Expect: KLP0374
//#Text: reads 127 at most
extern int ssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss(int);
int replacement(int a) { return ssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss(a) + 1; }
