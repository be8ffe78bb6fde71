//#Index: vmlinux foo 2
//#Patch: vmlinux replacement
//#Expect: KLP0384
//#Expect: KLP0375
//#Text: 3 entries need 6 relocations, it has 5
asm(".weak .klp.tombstone.foo\n.globl replacement\n.type replacement, @function\n"
    "replacement:\n1: call .klp.tombstone.foo\n2: call .klp.tombstone.foo\n3: call .klp.tombstone.foo\nret\n.size replacement, . - replacement\n"
    ".weak \".klp.sym.vmlinux.foo,2\"\n"
    ".pushsection __klp_relocs, \"aw\"\n.balign 8\n"
    ".quad 1b + 1, \".klp.sym.vmlinux.foo,2\" - 4\n.long 4, 0\n"
    ".quad 2b + 1, \".klp.sym.vmlinux.foo,2\" - 4\n.long 4, 0\n"
    ".quad 3b + 1, 0\n.long 4, 0\n"
    ".popsection");
