//#Options: -fcommon
//#Patch: vmlinux replacement
//#Expect: KLP0367
int shared;
int replacement(void) { return shared; }
