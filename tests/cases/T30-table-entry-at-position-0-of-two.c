//#Index: vmlinux foo 2
//#Patch: vmlinux replacement
//#Expect: KLP0352
//#Text: : KLP_SYMPOS(foo, 2)
extern int foo(int);
static const struct { const void *symbol; unsigned position; } __attribute__((packed)) table[] __attribute__((used, section(".klp.module_relocs.vmlinux"))) = { { foo, 0 } };
int replacement(int a) { return foo(a) + 1; }
