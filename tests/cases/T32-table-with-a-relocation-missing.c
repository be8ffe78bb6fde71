//#Index: vmlinux foo 2
//#Patch: vmlinux replacement
//#Expect: KLP0382
//#Text: nr_entries mismatch (1 != 2)
extern int foo(int);
asm(".pushsection .klp.module_relocs.vmlinux, \"a\"\n.quad foo\n.long 1\n.quad 0\n.long 1\n.popsection");
int replacement(int a) { return foo(a) + 1; }
