//#Index: vmlinux printk 1 T
//#Export: printk vmlinux
//#Patch: vmlinux replacement
//#KlpSymbol: vmlinux.printk,0
//#KlpRela: vmlinux.text 1
extern int printk(const char *, ...) asm(".klp.sym.rela.vmlinux.vmlinux.printk.0");
int replacement(void) { return printk("here") + 1; }
