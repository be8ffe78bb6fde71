//#Index: vmlinux foo 3
//#Hint: foo vmlinux 2
//#Patch: vmlinux replacement
//#KlpSymbol: vmlinux.foo,2
//#KlpRela: vmlinux.text 1
extern int foo(int);
int replacement(int a) { return foo(a) + 1; }
