//#Index: ext4 key 1 d
//#Patch: ext4 replacement
//#Expect: KLP0370
//#Text: static_key_enabled(&key)
extern long key;
int replacement(int a)
{
	asm goto("1: .byte 0x0f, 0x1f, 0x44, 0, 0\n.pushsection __jump_table, \"aw\"\n.balign 8\n.long 1b - ., %l[yes] - .\n.quad key - .\n.popsection" : : : : yes);
	return a;
yes:
	return a + 1;
}
