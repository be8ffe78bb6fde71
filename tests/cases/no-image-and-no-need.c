//#NoImage:
//#Export: _printk vmlinux
//#Patch: vmlinux replacement
//#Expect: KLP0403
extern int _printk(const char *, ...);
int replacement(void) { return _printk("here"); }
