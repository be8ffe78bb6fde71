//#Kernel: 6.6
//#Index: vmlinux foo.llvm.1234567890
//#Patch: vmlinux replacement
//#Expect: KLP0359
//#Text: Use the base name foo
extern int foo(int) asm(".klp.sym.rela.vmlinux.vmlinux.foo.llvm.1234567890.0");
int replacement(int a) { return foo(a); }
