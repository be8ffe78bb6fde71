//#Index: vmlinux foo
//#Hint: fooo vmlinux 2
//#Patch: vmlinux replacement
//#Expect: KLP0386
//#KlpSymbol: vmlinux.foo,0
//#KlpRela: vmlinux.text 1
extern int foo(int);
int replacement(int a) { return foo(a) + 1; }
