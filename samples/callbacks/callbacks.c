// SPDX-License-Identifier: GPL-2.0 OR MIT
// A patch that changes data and not only code: the kernel shall report fatal signals while the patch is there, and be as
// it was when the patch is gone.
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/signal.h>
#include <klp/patch.h>

static int saved;

KLP_PRE_PATCH(vmlinux, object)
{
	/* Nothing is patched yet. An error number from here refuses the patch. */
	saved = print_fatal_signals;	/* not exported */
	return 0;
}

KLP_POST_PATCH(vmlinux, object)
{
	/* All tasks run the new code now. */
	print_fatal_signals = 1;
	pr_info("fatal signals are reported from now on\n");
}

KLP_PRE_UNPATCH(vmlinux, object)
{
	/* The new code is still there; data it needs must stay until it is gone. */
	print_fatal_signals = saved;
}

KLP_POST_UNPATCH(vmlinux, object)
{
	pr_info("fatal signals are reported as before\n");
}

KLP_MODULE("GPL");
MODULE_DESCRIPTION("Live patch with all four callbacks");
