//#Index: vmlinux do_exit 1 T
//#Patch: vmlinux replacement
//#Expect: KLP0379
//#KlpSymbol: vmlinux.do_exit,0
//#KlpRela: vmlinux.text 1
extern void leave(long) asm(".klp.sym.rela.vmlinux.vmlinux.do_exit.0");
int replacement(int a) { leave(a); return 1; }
