//#Machine: x86_64 s390x
//#Index: vmlinux foo
//#Patch: vmlinux replacement
//#KlpSymbol: vmlinux.foo,0
//#KlpRela: vmlinux.text 1
//#Undefined: __this_module
//#Undefined: _GLOBAL_OFFSET_TABLE_
extern int foo(int);
extern char __this_module[];
char *module = __this_module;
asm(".pushsection .data\n.quad _GLOBAL_OFFSET_TABLE_ - .\n.popsection");
int replacement(int a) { return foo(a) + 1; }
