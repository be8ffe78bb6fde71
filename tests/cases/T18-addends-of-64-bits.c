//#Index: vmlinux foo 1 D
//#Patch: vmlinux replacement
//#KlpSymbol: vmlinux.foo,0
//#KlpRela: vmlinux.data 3
extern char foo[];
char *pointers[] = { foo - 4, foo + 0x7fffffff, foo + 0x100000000 };
char replacement(int i) { return *pointers[i]; }
