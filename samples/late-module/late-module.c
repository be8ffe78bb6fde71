// SPDX-License-Identifier: GPL-2.0 OR MIT
// Patches a module that need not be loaded yet: the kernel applies the patch to pktgen whenever it comes.
#include <linux/seq_file.h>
#include <klp/patch.h>

/* A static variable of pktgen. An ordinary module could not reach it even if pktgen were loaded. */
extern int pg_count_d;

KLP_FUNC(pktgen, pgctrl_show, int, struct seq_file *seq, void *v)
{
	seq_printf(seq, "pktgen, patched: sends %d packets unless told otherwise\n", pg_count_d);
	return 0;
}

KLP_MODULE("GPL");
MODULE_DESCRIPTION("Live patch for a module that loads later");
