//#Machine: arm64
//#Kernel: 6.17
//#Index: vmlinux counter 1 b
//#Patch: vmlinux replacement
//#Expect: KLP0365
//#Expect: KLP0368
//#Text: R_AARCH64_ADR_GOT_PAGE
//#Text: without weak
extern int counter __attribute__((weak));
int replacement(void) { return counter; }
