//#Machine: x86_64 arm64 ppc64le s390x
//#Kernel: 6.17
//#Index: vmlinux foo 1 t inode.c
//#Index: vmlinux foo 1 t super.c
//#Patch: vmlinux replacement
//#KlpSymbol: vmlinux.foo,2
//#KlpRela: vmlinux.text 1
//#Gone: .klp.sym.rela
extern int foo(int) asm("\".klp.sym.rela.vmlinux.vmlinux.foo.@fs/ext4/super.c\"");
int replacement(int a) { return foo(a) + 1; }
