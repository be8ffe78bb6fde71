//#Index: vmlinux foo 1 T
//#Export: foo vmlinux CRYPTO_INTERNAL
//#Patch: vmlinux replacement
//#Expect: KLP0403
//#Undefined: foo
extern int foo(int);
int replacement(int a) { return foo(a) + 1; }
