//#Index: vmlinux foo
//#Export: bar vmlinux
//#Patch: vmlinux replacement
//#KlpSymbol: vmlinux.foo,0
//#KlpRela: vmlinux.text 1000
extern void foo(int), bar(int);
#define TEN(x) x x x x x x x x x x
int replacement(int a) { TEN(TEN(TEN(foo(a); bar(a);))) return 0; }
