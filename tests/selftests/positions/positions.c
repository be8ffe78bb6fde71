// SPDX-License-Identifier: GPL-2.0 OR MIT
// Names that are unique need nothing; homonyms are told apart by position, both in one patch.
#include <linux/seq_file.h>
#include <klp/patch.h>
#include <klp/relocs.h>

extern char *saved_command_line;
extern char target_only[];

extern const char *target_name_show(void) KLP_RELOC_SYMBOL(klp_target, klp_target, name_show);
extern char homonym_a[] KLP_RELOC_SYMBOL_POS(klp_target, klp_target, homonym_string, 1);
extern char homonym_b[] KLP_RELOC_SYMBOL_POS(klp_target, klp_target, homonym_string, 2);
extern const char *get_homonym_a(void) KLP_RELOC_SYMBOL_POS(klp_target, klp_target, get_homonym_string, 1);
extern const char *get_homonym_b(void) KLP_RELOC_SYMBOL_POS(klp_target, klp_target, get_homonym_string, 2);
extern char digits_first[] KLP_RELOC_NAME(klp_target, klp_target, "klp_string.12345", 1);
extern char digits_second[] KLP_RELOC_NAME(klp_target, klp_target, "klp_string.67890", 0);

KLP_FUNC(klp_target, target_show, int, struct seq_file *m, void *v)
{
	seq_printf(m, "%s\n%s\n%s\n", target_only, target_name_show(), saved_command_line);
	seq_printf(m, "%s\n%s\n%s\n%s\n", homonym_a, homonym_b, get_homonym_a(), get_homonym_b());
	seq_printf(m, "%s\n%s\n", digits_first, digits_second);
	return 0;
}

KLP_MODULE("GPL");
