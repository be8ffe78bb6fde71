// SPDX-License-Identifier: GPL-2.0 OR MIT
// Two variables of the kernel that have the same name: intel_idle's max_cstate and that of the ACPI processor driver. A position says
// which is which; each gets a name of its own here.
#include <linux/seq_file.h>
#include <klp/patch.h>
#include <klp/relocs.h>

extern int intel_idle_max_cstate KLP_RELOC_SYMBOL_POS(vmlinux, vmlinux, max_cstate, 1);
extern unsigned int processor_max_cstate KLP_RELOC_SYMBOL_POS(vmlinux, vmlinux, max_cstate, 2);

KLP_FUNC(vmlinux, cmdline_proc_show, int, struct seq_file *m, void *v)
{
	seq_printf(m, "%d\n%u\n", intel_idle_max_cstate, processor_max_cstate);
	return 0;
}

KLP_MODULE("GPL");
MODULE_DESCRIPTION("Live patch that tells homonyms apart");
