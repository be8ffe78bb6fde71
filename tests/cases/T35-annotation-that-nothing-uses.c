//#Index: vmlinux foo 2
//#Index: vmlinux bar
//#Patch: vmlinux replacement
//#Expect: KLP0375
//#Text: Couldn't find rela for annotated symbol: vmlinux.foo
//#KlpSymbol: vmlinux.bar,0
//#KlpRela: vmlinux.text 1
//#Gone: foo
extern int foo(int), bar(int);
static const struct { const void *symbol; unsigned position; } __attribute__((packed)) table[] __attribute__((used, section(".klp.module_relocs.vmlinux"))) = { { foo, 2 } };
int replacement(int a) { return bar(a) + 1; }
