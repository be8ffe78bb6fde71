//#Machine: x86_64 arm64 ppc64le s390x
//#Options: -g
//#Index: vmlinux foo.isra.0
//#Index: vmlinux proc_shown
//#Patch: vmlinux replacement
//#Expect: KLP0354
//#Expect: KLP0354
//#Text: input.c(15
//#Text: error KLP0354: The annotation vmlinux.foo,0 names a symbol that vmlinux does not have. Check object and spelling.
//#Text: similar names: foo.isra.0
//#Text: error KLP0354: The annotation vmlinux.proc_shwon,1 names a symbol that vmlinux does not have.
//#Text: similar names: proc_shown
extern int foo(int) asm(".klp.sym.rela.vmlinux.vmlinux.foo.0");
extern int shown(int) asm(".klp.sym.rela.vmlinux.vmlinux.proc_shwon.1");
int replacement(int a) { return foo(a) + shown(a); }
