//#Index: vmlinux foo 1 T
//#Export: foo vmlinux module:kvm
//#Patch: vmlinux replacement
//#KlpSymbol: vmlinux.foo,0
//#KlpRela: vmlinux.text 1
extern int foo(int);
int replacement(int a) { return foo(a) + 1; }
