//#Machine: x86_64 arm64 ppc64le s390x
//#Kernel: 6.17
//#Index: vmlinux foo 2
//#Index: vmlinux bar
//#Patch: vmlinux replacement
//#KlpSymbol: vmlinux.foo,2
//#KlpSymbol: vmlinux.bar,0
//#KlpRela: vmlinux.text 2
//#Gone: .klp.module_relocs
extern int foo(int), bar(int);
static struct { const void *symbol; unsigned position; } table[] __attribute__((used, section(".klp.module_relocs.vmlinux"))) = { { foo, 2 }, { bar, 0 } };
int replacement(int a) { return foo(a) + bar(a) + 1; }
