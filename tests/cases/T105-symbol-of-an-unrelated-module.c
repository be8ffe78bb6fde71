//#Options: -g
//#Index: vmlinux unrelated
//#Module: zram { static int zram_only(int a) { return a; } int user(void) { return zram_only(1); } int zram_global(int a) { return a; } }
//#Module: loop { const char *text = "zram_global"; }
//#Patch: vmlinux replacement
//#Expect: KLP0351
//#Text: Unable to find missing symbol: zram_global
//#Text: modules that have it but are neither patched nor needed by a patched one: zram
//#Text: input.c(11
extern int zram_global(int);
int replacement(int a) { return zram_global(a) + 1; }
