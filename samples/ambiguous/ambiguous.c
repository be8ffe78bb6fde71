// SPDX-License-Identifier: GPL-2.0 OR MIT
// This does not build, and shall not: the kernel has two variables of this name, and nothing says which is meant.
#include <linux/seq_file.h>
#include <klp/patch.h>

extern int max_cstate;

KLP_FUNC(vmlinux, cmdline_proc_show, int, struct seq_file *m, void *v)
{
	seq_printf(m, "%d\n", max_cstate);
	return 0;
}

KLP_MODULE("GPL");
