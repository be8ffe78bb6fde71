//#Machine: x86_64 arm64 ppc64le s390x
//#Kernel: 6.17
//#Export: _printk vmlinux
//#Patch: vmlinux replacement
//#Expect: KLP0403
//#Undefined: _printk
extern int _printk(const char *, ...);
int replacement(void) { return _printk("here"); }
