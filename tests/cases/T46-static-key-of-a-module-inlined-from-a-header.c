//#Index: ext4 key 1 d
//#Options: -g
//#Patch: ext4 replacement
//#Expect: KLP0370
//#Text: input.c(9
extern long key;
int replacement(int a)
{
	a *= 3;
#line 27 "jump_label.h"
	asm goto("1: .byte 0x0f, 0x1f, 0x44, 0, 0\n.pushsection __jump_table, \"aw\"\n.balign 8\n.long 1b - ., %l[yes] - .\n.quad key - .\n.popsection" : : : : yes);
#line 12 "input.c"
	return a;
yes:
	return a + 1;
}
