// SPDX-License-Identifier: GPL-2.0 OR MIT
// Reads and writes the target's data of every kind, directly and through pointers in the patch's own data.
#include <linux/cache.h>
#include <linux/seq_file.h>
#include <klp/patch.h>
#include <klp/relocs.h>

extern int target_global;
extern int target_static;
extern const int target_const;
extern const int target_static_const[4];
extern int target_read_mostly;
extern int target_large[4096];
extern int target_zeroed[4096];
extern int target_local KLP_RELOC_NAME(klp_target, klp_target, "count.42", 0);

static int *volatile pointers[] = { &target_large[4095], &target_zeroed[4095] };
static int *volatile read_mostly_pointer __read_mostly = &target_local;

KLP_FUNC(klp_target, target_show, int, struct seq_file *m, void *v)
{
	seq_printf(m, "%d %d %d %d %d %d %d %d\n", target_global, target_static, target_const, target_static_const[3], target_read_mostly, *pointers[0], *pointers[1],
		   *read_mostly_pointer);
	target_global = 111;
	target_static = 112;
	target_read_mostly = 118;
	target_large[4095] += 100;
	*pointers[1] = 1;
	*read_mostly_pointer = 120;
	return 0;
}

KLP_MODULE("GPL");
