// SPDX-License-Identifier: GPL-2.0 OR MIT
// The same symbols of the target from several sections of one source.
#include <linux/seq_file.h>
#include <klp/patch.h>

extern int target_global;
extern int target_add(int number);
extern int per_function_sum(void);

static noinline int in_text(void)
{
	return target_add(100) + target_global;
}

static noinline __section(".text.unlikely") int in_unlikely(void)
{
	return target_add(200) + target_global + target_add(1);
}

static noinline __section(".text.mine") int in_mine(void)
{
	return target_add(300) - target_global;
}

KLP_FUNC(klp_target, target_show, int, struct seq_file *m, void *v)
{
	seq_printf(m, "%d %d %d %d\n", in_text(), in_unlikely(), in_mine(), per_function_sum());
	return 0;
}

KLP_MODULE("GPL");
