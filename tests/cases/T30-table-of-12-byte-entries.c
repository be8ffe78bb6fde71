//#Index: vmlinux foo 2
//#Index: vmlinux bar
//#Patch: vmlinux replacement
//#KlpSymbol: vmlinux.foo,2
//#KlpSymbol: vmlinux.bar,0
//#KlpRela: vmlinux.text 2
//#Gone: .klp.module_relocs
//#Gone: table
extern int foo(int), bar(int);
static const struct { const void *symbol; unsigned position; } __attribute__((packed)) table[] __attribute__((used, section(".klp.module_relocs.vmlinux"))) = { { foo, 2 }, { bar, 0 } };
int replacement(int a) { return foo(a) + bar(a) + 1; }
