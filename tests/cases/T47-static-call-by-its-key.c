//#Index: vmlinux __SCT__foo
//#Index: vmlinux __SCK__foo 1 d
//#Patch: vmlinux replacement
//#KlpSymbol: vmlinux.__SCT__foo,0
//#KlpSymbol: vmlinux.__SCK__foo,0
//#KlpRela: vmlinux.text 1
//#KlpRela: vmlinux.static_call_sites 1
int replacement(int a)
{
	asm volatile("1: call __SCT__foo\n.pushsection .static_call_sites, \"aw\"\n.long 1b - .\n.long __SCK__foo - .\n.popsection");
	return a;
}
