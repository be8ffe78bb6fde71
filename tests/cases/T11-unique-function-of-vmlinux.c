//#Machine: x86_64 arm64 ppc64le s390x
//#Kernel: 6.17
//#Index: vmlinux foo
//#Export: printk vmlinux
//#Patch: vmlinux replacement
//#KlpSymbol: vmlinux.foo,0
//#KlpRela: vmlinux.text 1
//#Undefined: printk
extern int foo(int);
extern int printk(const char *, ...);
int replacement(int a) { printk("here"); return foo(a) + 1; }
