// SPDX-License-Identifier: GPL-2.0 OR MIT
// One of two sources: /proc/version, and what both share. The module's one KLP_MODULE line may stand in either.
#include <linux/seq_file.h>
#include <linux/utsname.h>
#include <klp/patch.h>
#include "mark.h"

void put_mark(struct seq_file *m)
{
	seq_puts(m, " [patched by " KBUILD_MODNAME "]\n");
}

KLP_FUNC(vmlinux, version_proc_show, int, struct seq_file *m, void *v)
{
	seq_printf(m, "%s version %s", utsname()->sysname, utsname()->release);
	put_mark(m);
	return 0;
}

KLP_MODULE("GPL");
MODULE_DESCRIPTION("Live patch made of two sources");
