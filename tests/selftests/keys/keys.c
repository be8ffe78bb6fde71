// SPDX-License-Identifier: GPL-2.0 OR MIT
// A static key of vmlinux that is not exported decides a branch of the patch; a key of the target can be asked and set, not branched on.
#include <linux/jump_label.h>
#include <linux/seq_file.h>
#include <klp/patch.h>

extern struct static_key_false sched_schedstats;
extern struct static_key_false target_key;

KLP_FUNC(klp_target, target_show, int, struct seq_file *m, void *v)
{
	seq_printf(m, "schedstats %s, ", static_branch_unlikely(&sched_schedstats) ? "on" : "off");
	seq_printf(m, "key %s\n", static_key_enabled(&target_key) ? "on" : "off");
	static_branch_enable(&target_key);
	return 0;
}

KLP_MODULE("GPL");
