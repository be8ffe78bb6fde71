//#Machine: x86_64 arm64 ppc64le s390x
//#Kernel: 6.17
//#Options: -g
//#Index: vmlinux foo 2
//#Patch: vmlinux replacement
//#KlpSymbol: vmlinux.foo,2
//#KlpRela: vmlinux.text 1
//#Gone: .klp.module_relocs
extern int foo(int);
static struct klp_module_reloc { const void *symbol; unsigned position; } __attribute__((packed)) table[] __attribute__((used, section(".klp.module_relocs.vmlinux"))) = { { foo, 2 } };
int replacement(int a) { return foo(a) + 1; }
