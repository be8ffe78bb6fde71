//#Kernel: 6.1
//#Index: vmlinux foo
//#Patch: vmlinux replacement
//#KlpSymbol: vmlinux.foo,0
//#KlpRela: vmlinux.altinstr_replacement 1
extern void foo(void);
int replacement(int a)
{
	asm volatile("661: .byte 0x0f, 0x1f, 0x44, 0, 0\n662:\n"
		".pushsection .altinstructions, \"a\"\n.long 661b - ., 663f - .\n.word 1\n.byte 662b - 661b, 664f - 663f\n.popsection\n"
		".pushsection .altinstr_replacement, \"ax\"\n663: call foo\n664:\n.popsection");
	asm volatile("661: .byte 0x0f, 0x1f, 0x44, 0, 0\n662:\n"
		".pushsection .altinstructions, \"a\"\n.long 661b - ., 663f - .\n.word 2\n.byte 662b - 661b, 664f - 663f\n.popsection\n"
		".pushsection .altinstr_replacement, \"ax\"\n663: .byte 0x90, 0x90\n664:\n.popsection");
	return a;
}
