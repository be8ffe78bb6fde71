//#Index: vmlinux foo
//#Patch: vmlinux replacement
//#KlpSymbol: vmlinux.foo,0
//#KlpRela: vmlinux.init.text 1
extern int foo(int);
int __attribute__((section(".init.text"))) setup(int a) { return foo(a) + 1; }
int replacement(int a) { return a; }
