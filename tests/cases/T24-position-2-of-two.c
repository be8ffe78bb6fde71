//#Machine: x86_64 arm64 ppc64le s390x
//#Kernel: 6.17
//#Index: vmlinux foo 2
//#Patch: vmlinux replacement
//#KlpSymbol: vmlinux.foo,2
//#KlpRela: vmlinux.text 1
//#Gone: .klp.sym.rela
extern int foo(int) asm(".klp.sym.rela.vmlinux.vmlinux.foo.2");
int replacement(int a) { return foo(a) + 1; }
