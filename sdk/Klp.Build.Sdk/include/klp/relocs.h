/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * <klp/relocs.h>: say which kernel symbol a reference of a livepatch means, where its name alone does not tell.
 *
 * Most references need nothing of this: declare a function or variable of the kernel as usual, and the build finds it if
 * its name is unique among vmlinux, the patched modules and the modules those depend on. If it is not, the build lists the
 * candidates with the line to paste, which is one of these:
 *
 *	extern int foo(int) KLP_RELOC_VMLINUX(foo);			foo of vmlinux
 *	extern int foo(int) KLP_RELOC_MODULE(ext4, foo);		foo of ext4, used by code that patches ext4
 *	extern int foo(int) KLP_RELOC_SYMBOL(btrfs, xor, foo);		foo of xor, used by code that patches btrfs
 *	extern int foo(int) KLP_RELOC_SYMBOL_POS(ext4, ext4, foo, 2);	the second foo of ext4
 *	extern int foo2(int) KLP_RELOC_SYMBOL_POS(ext4, ext4, foo, 3);	and the third, under a C name of its own
 *	extern int bar(int) KLP_RELOC_NAME(vmlinux, vmlinux, "bar.isra.0", 0);	a name that is not a C name
 *	extern int foo(int) KLP_RELOC_FILE(vmlinux, vmlinux, foo, "fs/proc/base.c");	the foo of that source file
 *
 * The first argument is the object whose patched code holds the reference (the object of the KLP_FUNC), the second the
 * one that defines the symbol: vmlinux goes with vmlinux only. Positions count from 1, in the order of /proc/kallsyms; 0
 * stands for a unique name. A file is as in the kernel's source tree, and needs a symbol source that knows files.
 *
 * Rules: declare before the first use, and where an inline function of a kernel header uses the name already, under a C name
 * of your own ("extern typeof(foo) my_foo KLP_RELOC_VMLINUX(foo);"); extern, never static, and never weak (on arm64 a weak one
 * goes through the GOT, which the module loader refuses). Write module names with '_'. Macros named like an argument are not expanded, but a position
 * may be a macro. Function names that objtool has rules for (noreturn functions, static call trampolines) are hidden from it
 * by these names: leave those to the build, or use the table form below. Sources written for SUSE's kernels and for the
 * klp-convert patch sets build unchanged; where a kernel's own headers define one of these macros, theirs wins.
 *
 * The table form of the older patch sets names symbols of one object by position:
 *
 *	KLP_MODULE_RELOC(vmlinux) relocs[] = {
 *		KLP_SYMPOS(foo, 2),
 *	};
 *
 * Sources older still write "struct KLP_MODULE_RELOC(vmlinux) relocs[]": define KLP_MODULE_RELOC_IS_A_TYPE before the
 * include for those, or change the one word to KLP_MODULE_RELOC_V3.
 */
#ifndef _KLP_RELOCS_H
#define _KLP_RELOCS_H

/* Kernels from 6.19 have helper macros of their own, others may have these in their livepatch.h: theirs win. */
#include <linux/livepatch.h>
#ifdef __has_include
#if __has_include(<linux/livepatch_helpers.h>)
#include <linux/livepatch_helpers.h>
#endif
#endif

#define _KLP_STRING2(x) #x
#define _KLP_STRING(x) _KLP_STRING2(x)

#ifndef KLP_RELOC_SYMBOL_POS
#define KLP_RELOC_SYMBOL_POS(patched, object, symbol, position) \
	__asm__(".klp.sym.rela." #patched "." #object "." #symbol "." _KLP_STRING(position))
#endif

/* Not by way of KLP_RELOC_SYMBOL_POS: an argument handed on is expanded, if a macro is called so. */
#ifndef KLP_RELOC_SYMBOL
#define KLP_RELOC_SYMBOL(patched, object, symbol) \
	__asm__(".klp.sym.rela." #patched "." #object "." #symbol ".0")
#endif

#ifndef KLP_RELOC_VMLINUX
#define KLP_RELOC_VMLINUX(symbol) \
	__asm__(".klp.sym.rela.vmlinux.vmlinux." #symbol ".0")
#endif

#ifndef KLP_RELOC_MODULE
#define KLP_RELOC_MODULE(module, symbol) \
	__asm__(".klp.sym.rela." #module "." #module "." #symbol ".0")
#endif

#ifndef KLP_RELOC_NAME
#define KLP_RELOC_NAME(patched, object, name, position) \
	__asm__(".klp.sym.rela." #patched "." #object "." name "." _KLP_STRING(position))
#endif

/* '@' and '/' are no letters of a name to gas, so gcc must quote; clang's assembler would take quotes for a part of it. */
#ifndef KLP_RELOC_FILE
#ifdef __clang__
#define KLP_RELOC_FILE(patched, object, symbol, file) \
	__asm__(".klp.sym.rela." #patched "." #object "." #symbol ".@" file)
#else
#define KLP_RELOC_FILE(patched, object, symbol, file) \
	__asm__("\".klp.sym.rela." #patched "." #object "." #symbol ".@" file "\"")
#endif
#endif

/* Entries of 12 bytes, the pointer first, as klp-convert's own; one relocation each. */
#ifndef KLP_SYMPOS
struct klp_module_reloc {
	const void *sym;
	unsigned int sympos;
} __attribute__((__packed__));

#define KLP_SYMPOS(symbol, position) { .sym = (const void *)&(symbol), .sympos = (position) }
#endif

#define _KLP_MODULE_RELOC_ATTRIBUTES(object) \
	__attribute__((__used__, __aligned__(4), __section__(".klp.module_relocs." #object)))

#ifndef KLP_MODULE_RELOC_V3
#define KLP_MODULE_RELOC_V3(object) \
	klp_module_reloc _KLP_MODULE_RELOC_ATTRIBUTES(object)
#endif

#ifndef KLP_MODULE_RELOC
#ifdef KLP_MODULE_RELOC_IS_A_TYPE
#define KLP_MODULE_RELOC(object) KLP_MODULE_RELOC_V3(object)
#else
#define KLP_MODULE_RELOC(object) \
	static struct klp_module_reloc _KLP_MODULE_RELOC_ATTRIBUTES(object)
#endif
#endif

/*
 * A static call goes through a trampoline that the kernel rewrites; a patch calls the function the key holds now instead.
 * Needs <linux/static_call.h>.
 */
#ifndef KLP_STATIC_CALL
#define KLP_STATIC_CALL(name) ((typeof(&STATIC_CALL_TRAMP(name)))STATIC_CALL_KEY(name).func)
#endif

/*
 * A system call's body as the kernel's SYSCALL_DEFINEn makes it (__x64_sys_name and so on), without the trace event's data,
 * which must exist only once. Needs <linux/syscalls.h>.
 */
#ifndef KLP_SYSCALL_DEFINE1
#define KLP_SYSCALL_DEFINE1(name, ...) __SYSCALL_DEFINEx(1, _##name, __VA_ARGS__)
#define KLP_SYSCALL_DEFINE2(name, ...) __SYSCALL_DEFINEx(2, _##name, __VA_ARGS__)
#define KLP_SYSCALL_DEFINE3(name, ...) __SYSCALL_DEFINEx(3, _##name, __VA_ARGS__)
#define KLP_SYSCALL_DEFINE4(name, ...) __SYSCALL_DEFINEx(4, _##name, __VA_ARGS__)
#define KLP_SYSCALL_DEFINE5(name, ...) __SYSCALL_DEFINEx(5, _##name, __VA_ARGS__)
#define KLP_SYSCALL_DEFINE6(name, ...) __SYSCALL_DEFINEx(6, _##name, __VA_ARGS__)
#endif

#endif
