// SPDX-License-Identifier: GPL-2.0 OR MIT
// Compiled with -ffunction-sections: each function is a section, and is converted for itself.
#include <linux/compiler.h>

extern int target_global;
extern int target_add(int number);
int per_function_one(void);
int per_function_two(void);
int per_function_sum(void);

noinline int per_function_one(void)
{
	return target_add(1000) + target_global;
}

noinline int per_function_two(void)
{
	return target_add(2000) + target_global;
}

int per_function_sum(void)
{
	return per_function_one() + per_function_two() + target_global;
}
