//#Index: vmlinux foo
//#Patch: vmlinux replacement
//#Expect: KLP0364
//#KlpSymbol: vmlinux.foo,0
//#KlpRela: vmlinux.text 1
//#Undefined: missing
extern int foo(int), missing(int) __attribute__((weak));
int replacement(int a) { return foo(a) + (missing ? missing(a) : 1); }
