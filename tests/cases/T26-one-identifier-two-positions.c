//#Index: vmlinux foo 2
//#Patch: vmlinux replacement
//#Expect: KLP0355
//#Text: Conflicting KLP_SYMPOS definition: vmlinux.foo,1 and vmlinux.foo,2
extern int foo(int);
static const struct { const void *symbol; unsigned position; } __attribute__((packed)) table[] __attribute__((used, section(".klp.module_relocs.vmlinux"))) = { { foo, 1 }, { foo, 2 } };
int replacement(int a) { return foo(a); }
