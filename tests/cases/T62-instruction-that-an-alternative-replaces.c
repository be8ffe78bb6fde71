//#Kernel: 6.1
//#Index: ext4 foo
//#Patch: ext4 replacement
//#Expect: KLP0390
extern void foo(void);
int replacement(int a)
{
	asm volatile("661: call foo\n662:\n"
		".pushsection .altinstructions, \"a\"\n.long 661b - ., 663f - .\n.word 1\n.byte 662b - 661b, 664f - 663f\n.popsection\n"
		".pushsection .altinstr_replacement, \"ax\"\n663: .byte 0x90, 0x90, 0x90, 0x90, 0x90\n664:\n.popsection");
	return a;
}
