//#Index: vmlinux foo 2
//#Index: vmlinux bar
//#Patch: vmlinux replacement
//#KlpSymbol: vmlinux.foo,2
//#KlpSymbol: vmlinux.bar,1
//#KlpRela: vmlinux.text 2
extern int foo(int), bar(int);
asm(".pushsection .klp.module_relocs.vmlinux, \"a\"\n.long foo, 2, bar, 1\n.popsection");
int replacement(int a) { return foo(a) + bar(a) + 1; }
