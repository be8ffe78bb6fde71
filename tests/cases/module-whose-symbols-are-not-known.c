//#Machine: x86_64 arm64 ppc64le s390x
//#Index: vmlinux bar
//#Patch: mydriver replacement
//#Expect: KLP0378
//#Text: info KLP0378: The symbols of 'mydriver' could not be looked up: there is no such module among this kernel's.
//#Text: KlpKernelModulesDirectory
//#KlpSymbol: mydriver.foo,0
//#KlpRela: mydriver.text 1
extern int foo(int) asm(".klp.sym.rela.mydriver.mydriver.foo.0");
int replacement(int a) { return foo(a) + 1; }
