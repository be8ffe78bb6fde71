//#Index: vmlinux klp_string.12345
//#Index: vmlinux klp_string.67890 2
//#Patch: vmlinux replacement
//#KlpSymbol: vmlinux.klp_string.12345,0
//#KlpSymbol: vmlinux.klp_string.67890,2
//#KlpRela: vmlinux.text 2
extern char one[] asm("klp_string.12345"), two[] asm("klp_string.67890");
static const struct { const void *symbol; unsigned position; } __attribute__((packed)) table[] __attribute__((used, section(".klp.module_relocs.vmlinux"))) = { { two, 2 } };
int replacement(int a) { return one[a] + two[a]; }
