// SPDX-License-Identifier: GPL-2.0 OR MIT
// The other source: /proc/uptime, now with the load as uptime(1) has it. Nothing in it says which module it belongs to.
#include <linux/sched/loadavg.h>
#include <linux/seq_file.h>
#include <linux/timekeeping.h>
#include <klp/patch.h>
#include "mark.h"

KLP_FUNC(vmlinux, uptime_proc_show, int, struct seq_file *m, void *v)
{
	unsigned long average[3];

	get_avenrun(average, FIXED_1 / 200, 0);	/* not exported */
	seq_printf(m, "up %lld s, load %lu.%02lu", ktime_get_boottime_seconds(), LOAD_INT(average[0]), LOAD_FRAC(average[0]));
	put_mark(m);
	return 0;
}
