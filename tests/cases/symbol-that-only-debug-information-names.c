//#Options: -g
//#Index: vmlinux foo
//#Patch: vmlinux replacement
//#KlpSymbol: vmlinux.foo,0
//#KlpRela: vmlinux.text 1
//#Gone: only_debug
extern int foo(int);
asm(".pushsection .debug_extra\n.quad only_debug\n.popsection");
int replacement(int a) { return foo(a) + 1; }
