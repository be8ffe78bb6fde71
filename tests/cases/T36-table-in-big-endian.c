//#Machine: s390x
//#Index: vmlinux foo 300
//#Patch: vmlinux replacement
//#KlpSymbol: vmlinux.foo,258
//#KlpRela: vmlinux.text 1
extern int foo(int);
static struct { const void *symbol; unsigned position; } __attribute__((packed)) table[] __attribute__((used, section(".klp.module_relocs.vmlinux"))) = { { foo, 258 } };
int replacement(int a) { return foo(a) + 1; }
