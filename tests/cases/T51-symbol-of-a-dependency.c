//#Module: btrfs xor { int btrfs_own(int a) { return a; } }
//#Module: xor { int xor_gen(int a) { return a; } }
//#Patch: btrfs replacement
//#KlpSymbol: xor.xor_gen,0
//#KlpRela: btrfs.text 1
extern int xor_gen(int) asm(".klp.sym.rela.btrfs.xor.xor_gen.0");
int replacement(int a) { return xor_gen(a) + 1; }
