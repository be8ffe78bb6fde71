//#Kernel: 5.4
//#Index: ext4 foo
//#Patch: ext4 replacement
//#KlpSymbol: ext4.foo,0
//#KlpRela: ext4.altinstr_replacement 1
//#KlpRela: .klp.arch.ext4..altinstructions
extern void foo(void) asm(".klp.sym.rela.ext4.ext4.foo.0");
int replacement(int a)
{
	asm volatile("661: .byte 0x0f, 0x1f, 0x44, 0, 0\n662:\n"
		".pushsection .altinstructions, \"a\"\n.long 661b - ., 663f - .\n.word 1\n.byte 662b - 661b, 664f - 663f, 0\n.popsection\n"
		".pushsection .altinstr_replacement, \"ax\"\n663: call .klp.sym.rela.ext4.ext4.foo.0\n664:\n.popsection");
	asm volatile("661: .byte 0x0f, 0x1f, 0x44, 0, 0\n662:\n"
		".pushsection .altinstructions, \"a\"\n.long 661b - ., 663f - .\n.word 2\n.byte 662b - 661b, 664f - 663f, 0\n.popsection\n"
		".pushsection .altinstr_replacement, \"ax\"\n663: .byte 0x90, 0x90\n664:\n.popsection");
	return a;
}
