//#Index: vmlinux __SCT__foo
//#Index: vmlinux __SCK__foo 1 d
//#Patch: vmlinux replacement
//#Expect: KLP0388
//#Text: Write static_call(foo)
int replacement(int a)
{
	asm volatile("1: call __SCT__foo\n.pushsection .static_call_sites, \"aw\"\n.long 1b - .\n.long __SCT__foo - .\n.popsection");
	return a;
}
