//#Machine: s390x
//#KernelMachine: s390x
//#Index: vmlinux foo
//#Patch: vmlinux replacement
//#KlpSymbol: vmlinux.foo,0
//#KlpRela: vmlinux.text 1
extern int foo(int);
int replacement(int a) { return foo(a) + 1; }
