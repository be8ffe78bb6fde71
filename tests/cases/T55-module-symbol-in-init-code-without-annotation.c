//#Index: ext4 foo
//#Patch: ext4 replacement
//#Expect: KLP0369
extern int foo(int);
int __attribute__((section(".init.text"))) init_module(void) { return foo(1) + 1; }
int replacement(int a) { return a; }
