//#Index: vmlinux foo
//#Patch: vmlinux replacement
//#Expect: KLP0383
extern int foo(int);
asm(".pushsection .klp.module_relocs.vmlinux, \"a\"\n.quad 0\n.long 1\n.popsection");
int replacement(int a) { return foo(a) + 1; }
