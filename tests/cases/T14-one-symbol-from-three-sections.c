//#Index: vmlinux foo
//#Patch: vmlinux replacement
//#KlpSymbol: vmlinux.foo,0
//#KlpRela: vmlinux.text 1
//#KlpRela: vmlinux.text.unlikely 1
//#KlpRela: vmlinux.data 1
extern int foo(int);
int (*pointer)(int) = foo;
__attribute__((cold, noinline)) int unlikely(int a) { return foo(a) + 2; }
int replacement(int a) { return foo(a) + 1; }
