/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * <klp/patch.h>: write a livepatch as one macro per replaced function and one line for the module.
 *
 *	#include <linux/seq_file.h>
 *	#include <klp/patch.h>
 *
 *	KLP_FUNC(vmlinux, cmdline_proc_show, int, struct seq_file *m, void *v)
 *	{
 *		seq_puts(m, "this has been live patched\n");
 *		return 0;
 *	}
 *
 *	KLP_MODULE("GPL");
 *
 * REPLACED FUNCTIONS
 *
 *	KLP_FUNC(object, name, return_type, parameters...) { body }
 *	KLP_FUNC_POS(object, name, position, return_type, parameters...) { body }
 *	KLP_FUNC_NAMED(object, "foo.isra.0", c_name, return_type, parameters...) { body }
 *	KLP_FUNC_NAMED_POS(object, "foo.isra.0", position, c_name, return_type, parameters...) { body }
 *
 * object	where the old function lives: vmlinux, or a module's name. No quotes. The module need not be loaded when
 *		the patch is: the kernel patches it whenever it comes. A '-' in the name counts as '_'.
 * name		the old function's name, as in /proc/kallsyms. No quotes.
 * position	which of several functions of that name in that object, counted from 1 in the order of
 *		/proc/kallsyms. Without it the name must be unique there; the build lists the candidates if it is not.
 * "foo.isra.0"	a name that is not a C name: compilers append .isra.0, .constprop.0, .part.0 when they change a function.
 *		Mind that such a function may take other parameters than its source says.
 * parameters	as in any function; write void where there are none.
 *
 * The body is an ordinary static function called livepatch_<name>, or livepatch_<c_name>; stack traces show that. To call
 * it, or for its recursion, use this name. A call of the old name from anywhere comes back to the new function (ftrace
 * redirects every call while the patch is on), so calling the old name from the body never ends; the build warns of it.
 * Helpers are ordinary static functions beside it. A kernel function or variable that is not exported needs a declaration
 * and nothing more ("extern struct list_head foo;"): the build finds it in the target kernel. Where its name is not unique
 * the build lists the candidates and the line to write, from <klp/relocs.h>.
 *
 * Replace a function only by one with the same meaning of parameters and result; the old body may run in other tasks until
 * the transition is over. Functions that the compiler inlined everywhere cannot be replaced: replace their callers.
 *
 * THE MODULE
 *
 *	KLP_MODULE(licence);
 *	KLP_MODULE(licence, .replace = true);
 *	KLP_MODULE(licence, .replace = true, KLP_STATES(KLP_STATE(id, version), KLP_STATE(id, version)));
 *
 * Exactly one per module, in any of its sources, after or before the functions. The licence must be one the kernel takes
 * for GPL ("GPL", "GPL v2", "Dual MIT/GPL"...), for livepatching is only open to such modules. .replace = true makes the
 * patch take the place of all patches loaded before (atomic replace); without it, it is stacked upon them. Anything
 * else of a kernel module may stand beside it: MODULE_DESCRIPTION("..."), MODULE_AUTHOR("..."), module parameters. The line
 * writes module_init and module_exit itself; what must be done at load belongs in a callback.
 *
 * CALLBACKS, at most one of each for an object; optional
 *
 *	KLP_PRE_PATCH(object, argument) { ...; return 0; }	before the object is patched; an error refuses the patch
 *	KLP_POST_PATCH(object, argument) { ... }		after the object is patched in all tasks
 *	KLP_PRE_UNPATCH(object, argument) { ... }		before the patch is taken away
 *	KLP_POST_UNPATCH(object, argument) { ... }		after it is gone
 *
 * argument is the name that the body uses for its parameter, a struct klp_object *; klp_patch_of(argument) is the patch it
 * belongs to, for klp_get_state(). A callback's object is patched even where no function of it is replaced: the kernel
 * calls its callbacks as the module comes and goes. Write module names with '_' here.
 *
 * SYSTEM STATES, optional, kernels from 5.5: KLP_STATE in the module's line tells later patches what this one has changed
 * for good (Documentation/livepatch/system-state.rst).
 *
 * How it works: a macro leaves a record in the section .klp.patch. The build turns all records of all sources into the
 * kernel's own klp_object and klp_func tables, laid out as the target kernel's are, and removes the records. Nothing is
 * allocated, searched or converted when the module is loaded.
 */
#ifndef _KLP_PATCH_H
#define _KLP_PATCH_H

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/kallsyms.h>
#include <linux/livepatch.h>

#ifndef CONFIG_LIVEPATCH
#error "<klp/patch.h>: this kernel is configured without CONFIG_LIVEPATCH and loads no livepatch."
#endif

#define KLP_FUNC(object, name, return_type, ...) \
	_KLP_FUNC(#object, #name, 0, livepatch_##name, return_type, __VA_ARGS__)

#define KLP_FUNC_POS(object, name, position, return_type, ...) \
	_KLP_FUNC(#object, #name, position, livepatch_##name, return_type, __VA_ARGS__)

#define KLP_FUNC_NAMED(object, old_name, c_name, return_type, ...) \
	_KLP_FUNC(#object, old_name, 0, livepatch_##c_name, return_type, __VA_ARGS__)

#define KLP_FUNC_NAMED_POS(object, old_name, position, c_name, return_type, ...) \
	_KLP_FUNC(#object, old_name, position, livepatch_##c_name, return_type, __VA_ARGS__)

#define KLP_PRE_PATCH(object, argument) \
	_KLP_CALLBACK(_KLP_KIND_PRE_PATCH, int, #object, livepatch_pre_patch_##object, argument)

#define KLP_POST_PATCH(object, argument) \
	_KLP_CALLBACK(_KLP_KIND_POST_PATCH, void, #object, livepatch_post_patch_##object, argument)

#define KLP_PRE_UNPATCH(object, argument) \
	_KLP_CALLBACK(_KLP_KIND_PRE_UNPATCH, void, #object, livepatch_pre_unpatch_##object, argument)

#define KLP_POST_UNPATCH(object, argument) \
	_KLP_CALLBACK(_KLP_KIND_POST_UNPATCH, void, #object, livepatch_post_unpatch_##object, argument)

#define KLP_MODULE(licence, ...) \
	_Static_assert(sizeof(licence "") > 1, "klp: KLP_MODULE needs a licence, in quotes"); \
	extern struct klp_object __klp_objects[]; \
	static struct klp_patch klp_patch = { .mod = THIS_MODULE, .objs = __klp_objects, ##__VA_ARGS__ }; \
	_KLP_RECORD(klp_record_module, _KLP_KIND_MODULE, "", "", 0, &klp_patch); \
	static int __init klp_module_init(void) \
	{ \
		return klp_enable_patch(&klp_patch); \
	} \
	static void __exit klp_module_exit(void) \
	{ \
	} \
	module_init(klp_module_init); \
	module_exit(klp_module_exit); \
	MODULE_INFO(livepatch, "Y"); \
	MODULE_LICENSE(licence)

#define KLP_STATES(...) .states = (struct klp_state[]) { __VA_ARGS__, { .id = 0 } }
#define KLP_STATE(id_, version_) { .id = (id_), .version = (version_) }

/* The patch that a callback's object belongs to. The core hangs the object's kobject under the patch's (klp_init_object). */
static inline struct klp_patch *klp_patch_of(struct klp_object *object)
{
	return container_of(object->kobj.parent, struct klp_patch, kobj);
}

/*
 * What follows is no business of a patch.
 *
 * Names are turned into strings in the outermost macro, for an argument handed on is expanded first, and "unix" or "linux"
 * is 1 then. A record is data, neither const (s390 with -fPIC would see two kinds of one section) nor in a section that
 * is thrown away: the compiler and objtool must see that the address is taken and keep the ENDBR at the start. Strings are
 * arrays within, so that nothing stays behind in .rodata.str1.1. Compilers put records further apart than their size.
 */
#define _KLP_KIND_MODULE	1
#define _KLP_KIND_FUNC		2
#define _KLP_KIND_PRE_PATCH	3
#define _KLP_KIND_POST_PATCH	4
#define _KLP_KIND_PRE_UNPATCH	5
#define _KLP_KIND_POST_UNPATCH	6

#define _KLP_PASTE2(a, b) a##b
#define _KLP_PASTE(a, b) _KLP_PASTE2(a, b)

#define _KLP_RECORD(variable_, kind_, object_, name_, position_, target_) \
	static struct { \
		unsigned int kind; \
		unsigned int line; \
		unsigned long long position; \
		void *target; \
		char object[sizeof(object_)]; \
		char name[sizeof(name_)]; \
		char file[sizeof(__FILE__)]; \
	} variable_ __attribute__((__used__, __aligned__(8), __section__(".klp.patch"))) = { \
		kind_, __LINE__, position_, target_, object_, name_, __FILE__ \
	}

#define _KLP_CHECK_OBJECT(object_) \
	_Static_assert(sizeof(object_) > 1, \
		"klp: the patched object is missing: write vmlinux or the name of a module first"); \
	_Static_assert(sizeof(object_) <= MODULE_NAME_LEN, \
		"klp: the name of the patched object is longer than the name of a module can be")

#define _KLP_FUNC(object_, name_, position_, function_, return_type_, ...) \
	_KLP_CHECK_OBJECT(object_); \
	_Static_assert(sizeof(name_) > 1, \
		"klp: the name of the replaced function is missing: write it after the object"); \
	_Static_assert(sizeof(name_) <= KSYM_NAME_LEN, \
		"klp: the name of the replaced function is longer than KSYM_NAME_LEN of this kernel allows"); \
	_Static_assert((position_) >= 0, \
		"klp: a position counts from 1; 0 stands for the only function of that name"); \
	static return_type_ function_(__VA_ARGS__); \
	_KLP_RECORD(_KLP_PASTE(klp_record_, __COUNTER__), _KLP_KIND_FUNC, object_, name_, position_, function_); \
	static return_type_ function_(__VA_ARGS__)

#define _KLP_CALLBACK(kind_, return_type_, object_, function_, argument_) \
	_KLP_CHECK_OBJECT(object_); \
	static return_type_ function_(struct klp_object *); \
	_KLP_RECORD(_KLP_PASTE(klp_record_, __COUNTER__), kind_, object_, "", 0, function_); \
	static return_type_ function_(struct klp_object *argument_ __attribute__((__unused__)))

#endif
