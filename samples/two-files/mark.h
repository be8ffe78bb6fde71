/* SPDX-License-Identifier: GPL-2.0 OR MIT */
struct seq_file;

/* Says that a line comes from the patch. In version.c. */
void put_mark(struct seq_file *m);
