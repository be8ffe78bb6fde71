// SPDX-License-Identifier: GPL-2.0 OR MIT
// The first of two sources that use the same static names.
#include <linux/compiler.h>
#include "target.h"

static char homonym_string[] __used = "homonym string A";

static noinline __used const char *get_homonym_string(void)
{
	return homonym_string;
}

const char *first_string(void)
{
	return get_homonym_string();
}
