//#Index: ext4 foo
//#Patch: ext4 replacement
//#Expect: KLP0370
//#Text: Section .static_call_sites refers to 'foo'
asm(".pushsection .static_call_sites, \"aw\"\n.long foo - .\n.long 0\n.popsection");
int replacement(int a) { return a; }
