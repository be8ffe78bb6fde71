//#Index: vmlinux foo 2
//#Patch: vmlinux replacement
//#KlpSymbol: vmlinux.foo,2
//#KlpRela: vmlinux.text 3
//#Gone: tombstone
//#Gone: __klp_relocs
asm(".weak .klp.tombstone.foo\n.globl replacement\n.type replacement, @function\n"
    "replacement:\n1: call .klp.tombstone.foo\n2: call .klp.tombstone.foo\n3: call .klp.tombstone.foo\nret\n.size replacement, . - replacement\n"
    ".weak \".klp.sym.vmlinux.foo,2\"\n"
    ".pushsection __klp_relocs, \"aw\"\n.balign 8\n"
    ".quad 1b + 1, \".klp.sym.vmlinux.foo,2\" - 4\n.long 4, 0\n"
    ".quad 2b + 1, \".klp.sym.vmlinux.foo,2\" - 4\n.long 4, 0\n"
    ".quad 3b + 1, \".klp.sym.vmlinux.foo,2\" - 4\n.long 4, 0\n"
    ".popsection");
