//#Kernel: 6.12
//#Index: vmlinux __start_ro_after_init 1 D
//#Index: vmlinux key 1 d
//#Index: vmlinux __end_ro_after_init 1 D
//#Patch: vmlinux replacement
//#KlpSymbol: vmlinux.key,0
//#KlpRela: vmlinux.__jump_table 1
extern long key;
int replacement(int a)
{
	asm goto("1: .byte 0x0f, 0x1f, 0x44, 0, 0\n.pushsection __jump_table, \"aw\"\n.balign 8\n.long 1b - ., %l[yes] - .\n.quad key - .\n.popsection" : : : : yes);
	return a;
yes:
	return a + 1;
}
