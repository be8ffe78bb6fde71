//#KeepModuleImports:
//#Index: ext4 foo 1 T
//#Export: foo ext4
//#Patch: ext4 replacement
//#Expect: KLP0389
//#Expect: KLP0403
//#Undefined: foo
extern int foo(int);
int replacement(int a) { return foo(a) + 1; }
