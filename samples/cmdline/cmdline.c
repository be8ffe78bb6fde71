// SPDX-License-Identifier: GPL-2.0 OR MIT
// A patch in ten lines: /proc/cmdline says something else while it is loaded.
#include <linux/seq_file.h>
#include <klp/patch.h>

KLP_FUNC(vmlinux, cmdline_proc_show, int, struct seq_file *m, void *v)
{
	seq_puts(m, "this kernel has been patched while it runs\n");
	return 0;
}

KLP_MODULE("GPL");
