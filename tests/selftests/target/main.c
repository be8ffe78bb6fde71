// SPDX-License-Identifier: GPL-2.0 OR MIT
// The module that the selftests patch: /proc/klp_target tells what its data is.
#include <linux/cache.h>
#include <linux/jump_label.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include "target.h"

int target_global = 11;
static int target_static __used = 12;
const int target_const = 13;
static const int target_static_const[4] __used = { 14, 15, 16, 17 };
int target_read_mostly __read_mostly = 18;
static int target_large[4096] __used = { [4095] = 19 };
static int target_zeroed[4096] __used;

DEFINE_STATIC_KEY_FALSE(target_key);

static char target_only[] __used = "the only one";
static char digits_first[] __asm__("klp_string.12345") __used = "digits 12345";
static char digits_second[] __asm__("klp_string.67890") __used = "digits 67890";

/* Of this name vmlinux has many. */
static noinline __used const char *name_show(void)
{
	return "the target's name";
}

noinline int target_add(int number)
{
	return target_global + number;
}

static noinline __used int target_count(void)
{
	static int count __asm__("count.42") __used = 20;

	return count;
}

static noinline int target_show(struct seq_file *m, void *v)
{
	seq_printf(m, "original: %d %d %d %d %d %d %d, key %s\n", target_add(0), READ_ONCE(target_static), target_const, READ_ONCE(target_read_mostly),
		   READ_ONCE(target_large[4095]), READ_ONCE(target_zeroed[4095]), target_count(), static_branch_unlikely(&target_key) ? "on" : "off");
	return 0;
}

static int __init target_init(void)
{
	return proc_create_single("klp_target", 0444, NULL, target_show) ? 0 : -ENOMEM;
}

static void __exit target_exit(void)
{
	remove_proc_entry("klp_target", NULL);
}

module_init(target_init);
module_exit(target_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Target of the selftests");
