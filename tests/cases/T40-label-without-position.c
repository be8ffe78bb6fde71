//#Patch: vmlinux replacement
//#Expect: KLP0380
//#Text: Invalid format of symbol (.klp.sym.rela.vmlinux.vmlinux.f.x)
//#Text: the position (last part) is 'x', which is no number
extern int foo(int) asm(".klp.sym.rela.vmlinux.vmlinux.f.x");
int replacement(int a) { return foo(a); }
