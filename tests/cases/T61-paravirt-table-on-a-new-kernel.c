//#Kernel: 6.8
//#Index: vmlinux foo
//#Patch: vmlinux replacement
//#Expect: KLP0373
//#KlpSymbol: vmlinux.foo,0
//#KlpRela: vmlinux.parainstructions 1
extern void foo(void);
asm(".pushsection .parainstructions, \"a\"\n.quad foo\n.byte 1, 5\n.balign 8\n.popsection");
int replacement(int a) { return a; }
