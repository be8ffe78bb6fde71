// One macro per replaced function: the object it lives in, its name, its return type and parameters; the new body follows.
#include <linux/seq_file.h>
#include <klp/patch.h>

KLP_FUNC(vmlinux, cmdline_proc_show, int, struct seq_file *m, void *v)
{
	seq_puts(m, "this has been live patched\n");
	return 0;
}

KLP_MODULE("GPL");
MODULE_DESCRIPTION("what this patch changes");
