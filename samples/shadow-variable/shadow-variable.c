// SPDX-License-Identifier: GPL-2.0 OR MIT
// The kernel's shadow variables: a patch attaches data to an object whose struct has no room for it. Here it counts how often
// /proc/version was read in the first UTS namespace. Plain kernel API.
#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/seq_file.h>
#include <linux/utsname.h>

/* Numbers are the patches' own to agree on: one for each kind of shadow variable. */
#define SHADOW_READS 1

static int init_reads(void *object, void *shadow, void *argument)
{
	atomic_set(shadow, 0);
	return 0;
}

static int livepatch_version_proc_show(struct seq_file *m, void *v)
{
	struct uts_namespace *namespace = container_of(utsname(), struct uts_namespace, name);
	atomic_t *reads = NULL;

	seq_printf(m, linux_proc_banner, utsname()->sysname, utsname()->release, utsname()->version);

	/*
	 * This namespace lives as long as the kernel. For objects that die, the patch would also replace the function that
	 * frees them and free the shadow variable there.
	 */
	if (namespace == &init_uts_ns)
		reads = klp_shadow_get_or_alloc(namespace, SHADOW_READS, sizeof(*reads), GFP_KERNEL, init_reads, NULL);
	if (reads)
		seq_printf(m, "read %d times since it is patched\n", atomic_inc_return(reads));
	return 0;
}

static void free_reads(struct klp_object *object)
{
	/* No task runs the new function any more. */
	klp_shadow_free_all(SHADOW_READS, NULL);
}

static struct klp_func funcs[] = {
	{ .old_name = "version_proc_show", .new_func = livepatch_version_proc_show },
	{ }
};

static struct klp_object objs[] = {
	{ .funcs = funcs, .callbacks = { .post_unpatch = free_reads } },
	{ }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init shadow_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit shadow_exit(void)
{
}

module_init(shadow_init);
module_exit(shadow_exit);
MODULE_DESCRIPTION("Live patch with a shadow variable");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
