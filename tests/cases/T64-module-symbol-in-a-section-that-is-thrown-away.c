//#Index: ext4 foo
//#Index: ext4 bar
//#Patch: ext4 replacement
//#KlpSymbol: ext4.foo,0
//#KlpRela: ext4.text 1
// What module.lds discards belongs to nobody: neither is it a reference, nor does it make a helper somebody else's.
int foo(void);
int bar(void);
static __attribute__((noinline)) int helper(void) { return foo(); }
static void *one __attribute__((used, section(".discard.addressable"))) = &helper;
static void *two __attribute__((used, section(".discard.addressable"))) = &foo;
static void *three __attribute__((used, section(".discard.addressable"))) = &bar;
int replacement(int a) { return helper() + a; }
