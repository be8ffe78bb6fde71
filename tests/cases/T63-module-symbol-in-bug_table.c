//#Index: ext4 foo
//#Patch: ext4 replacement
//#Expect: KLP0370
//#Text: Section __bug_table refers to 'foo'
asm(".pushsection __bug_table, \"aw\"\n.long foo - .\n.long 0\n.popsection");
int replacement(int a) { return a; }
