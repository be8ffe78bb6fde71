//#Machine: x86_64 arm64 ppc64le s390x
//#Kernel: 6.17
//#Index: vmlinux foo.isra.0
//#Index: vmlinux foo.llvm.1234567890
//#Index: vmlinux foo.constprop.0.cold 2
//#Patch: vmlinux replacement
//#KlpSymbol: vmlinux.foo.isra.0,0
//#KlpSymbol: vmlinux.foo.llvm.1234567890,0
//#KlpSymbol: vmlinux.foo.constprop.0.cold,2
//#KlpRela: vmlinux.text 3
extern int foo1(int) asm(".klp.sym.rela.vmlinux.vmlinux.foo.isra.0.0");
extern int foo2(int) asm(".klp.sym.rela.vmlinux.vmlinux.foo.llvm.1234567890.0");
extern int foo3(int) asm(".klp.sym.rela.vmlinux.vmlinux.foo.constprop.0.cold.2");
int replacement(int a) { return foo1(a) + foo2(a) + foo3(a) + 1; }
