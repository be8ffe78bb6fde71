//#Index: vmlinux foo 2
//#Index: ext4 bar
//#Patch: vmlinux other
//#Patch: ext4 replacement
//#KlpSymbol: vmlinux.foo,2
//#KlpSymbol: ext4.bar,0
//#KlpRela: vmlinux.text 1
//#KlpRela: ext4.text 1
//#Gone: __klp_relocs
asm(".weak .klp.tombstone.foo\n.weak .klp.tombstone.bar\n.globl replacement\n.type replacement, @function\n.globl other\n.type other, @function\n"
    "other: 1: call .klp.tombstone.foo\nret\n.size other, . - other\n"
    "replacement: 2: call .klp.tombstone.bar\nret\n.size replacement, . - replacement\n"
    ".weak \".klp.sym.vmlinux.foo,2\"\n.weak \".klp.sym.ext4.bar,0\"\n"
    ".pushsection __klp_relocs.vmlinux, \"aw\"\n.balign 8\n.quad 1b + 1, \".klp.sym.vmlinux.foo,2\" - 4\n.long 4, 0\n.popsection\n"
    ".pushsection __klp_relocs.ext4, \"aw\"\n.balign 8\n.quad 2b + 1, \".klp.sym.ext4.bar,0\" - 4\n.long 4, 0\n.popsection\n");
