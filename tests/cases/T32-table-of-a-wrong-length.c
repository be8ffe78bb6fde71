//#Index: vmlinux foo 2
//#Index: vmlinux bar
//#Patch: vmlinux replacement
//#Expect: KLP0382
//#Text: beyond nr_entries
extern int foo(int), bar(int);
asm(".pushsection .klp.module_relocs.vmlinux, \"a\"\n.quad foo\n.quad bar\n.long 1\n.popsection");
int replacement(int a) { return foo(a) + bar(a) + 1; }
