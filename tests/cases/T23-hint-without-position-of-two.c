//#Index: vmlinux foo 2
//#Patch: vmlinux replacement
//#Hint: foo vmlinux
//#Expect: KLP0352
//#Text: : <KlpSymbolHint Include="foo" Object="vmlinux" SymbolPosition="2" />
extern int foo(int);
int replacement(int a) { return foo(a); }
