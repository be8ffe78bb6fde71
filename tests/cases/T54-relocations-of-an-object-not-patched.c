//#Index: ext4 foo
//#Patch: vmlinux replacement
//#Expect: KLP0361
//#Text: which this patch does not patch
extern int foo(int) asm(".klp.sym.rela.ext4.ext4.foo.0");
int replacement(int a) { return foo(a); }
