//#Unreadable:
//#Index: ext4 foo
//#Index: ext4 bar
//#Expect: KLP0360
//#Text: KLP_RELOC_SYMBOL_POS(ext4, ext4, bar, 0)
extern int foo(int) asm(".klp.sym.rela.ext4.ext4.foo.0");
extern int bar(int);
int replacement(int a) { return foo(a) + bar(a) + 1; }
