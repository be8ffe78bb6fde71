// SPDX-License-Identifier: GPL-2.0 OR MIT
// The kernel's plain livepatch API. The new /proc/meminfo calls functions and reads data that the kernel does not export
// to modules: they are declared by the kernel's headers, and the build finds them in the target kernel.
#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/percpu_counter.h>
#include <linux/seq_file.h>
#include <linux/swap.h>

static void show_pages(struct seq_file *m, const char *name, unsigned long pages)
{
	seq_printf(m, "%-16s%8lu kB\n", name, pages << (PAGE_SHIFT - 10));
}

static int livepatch_meminfo_proc_show(struct seq_file *m, void *v)
{
	struct sysinfo info;

	si_meminfo(&info);
	si_swapinfo(&info);	/* not exported */

	show_pages(m, "MemTotal:", info.totalram);
	show_pages(m, "MemFree:", info.freeram);
	show_pages(m, "MemAvailable:", si_mem_available());
	show_pages(m, "Buffers:", info.bufferram);
	show_pages(m, "SwapTotal:", info.totalswap);
	show_pages(m, "SwapFree:", info.freeswap);
	show_pages(m, "Shmem:", info.sharedram);
	show_pages(m, "CommitLimit:", vm_commit_limit());	/* not exported */
	show_pages(m, "Committed_AS:", percpu_counter_sum_positive(&vm_committed_as));	/* data, not exported */
	hugetlb_report_meminfo(m);	/* not exported */
	seq_printf(m, "%-16s%8d\n", "Livepatched:", 1);
	return 0;
}

static struct klp_func funcs[] = {
	{ .old_name = "meminfo_proc_show", .new_func = livepatch_meminfo_proc_show },
	{ }
};

static struct klp_object objs[] = {
	{ .funcs = funcs },	/* no name: vmlinux */
	{ }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init meminfo_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit meminfo_exit(void)
{
}

module_init(meminfo_init);
module_exit(meminfo_exit);
MODULE_DESCRIPTION("Live patch: /proc/meminfo says that it is patched");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
