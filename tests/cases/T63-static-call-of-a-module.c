//#Index: ext4 __SCK__foo 1 d
//#Index: ext4 __SCT__foo
//#Options: -g
//#Patch: ext4 replacement
//#Expect: KLP0370
//#Text: KLP_STATIC_CALL(foo)
//#Text: input.c(13
// The key's address, taken where only objtool looks (__ADDRESSABLE), is no finding of its own.
extern char __SCK__foo;
static void *addressable __attribute__((used, section(".discard.addressable"))) = &__SCK__foo;
int replacement(int a)
{
	asm volatile("1: call 2f\n2:\n.pushsection .static_call_sites, \"aw\"\n.long 1b - .\n.long __SCK__foo - .\n.popsection");
	return a;
}
