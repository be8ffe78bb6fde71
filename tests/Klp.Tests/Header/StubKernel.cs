using Klp.TestKit;

namespace Klp.Tests.Header;

/// <summary>
/// As much of a kernel's headers as the author's header touches, so that it can be compiled for machines whose kernel headers are not here, and with
/// warnings that kernel headers themselves do not stand.
/// </summary>
internal static class StubKernel
{
    private static readonly (string Name, string Text)[] Files =
    [
        ("linux/kernel.h", """
            #pragma once
            #define container_of(pointer, type, member) ((type *)((char *)(pointer) - __builtin_offsetof(type, member)))
            #define __init __attribute__((__section__(".init.text")))
            #define __exit __attribute__((__section__(".exit.text")))
            #define NULL ((void *)0)
            #define true 1
            """),
        ("linux/kallsyms.h", "#pragma once\n#define KSYM_NAME_LEN 512\n"),
        ("linux/module.h", """
            #pragma once
            struct module;
            extern struct module __this_module;
            #define THIS_MODULE (&__this_module)
            #define MODULE_NAME_LEN 56
            #define module_init(function) int init_module(void); int init_module(void) { return function(); } extern int stub
            #define module_exit(function) void cleanup_module(void); void cleanup_module(void) { function(); } extern int stub
            #define MODULE_INFO(tag, info) static const char modinfo_##tag[] __attribute__((__used__, __section__(".modinfo"))) = #tag "=" info
            #define MODULE_LICENSE(licence) MODULE_INFO(license, licence)
            """),
        ("linux/livepatch.h", """
            #pragma once
            struct module;
            struct kobject { const char *name; struct kobject *parent; };
            struct klp_func { const char *old_name; void *new_func; unsigned long old_sympos; void *old_func; };
            struct klp_object;
            struct klp_callbacks {
                int (*pre_patch)(struct klp_object *obj);
                void (*post_patch)(struct klp_object *obj);
                void (*pre_unpatch)(struct klp_object *obj);
                void (*post_unpatch)(struct klp_object *obj);
            };
            struct klp_object { const char *name; struct klp_func *funcs; struct klp_callbacks callbacks; struct kobject kobj; };
            struct klp_state { unsigned long id; unsigned int version; void *data; };
            struct klp_patch { struct module *mod; struct klp_object *objs; struct klp_state *states; _Bool replace; struct kobject kobj; };
            int klp_enable_patch(struct klp_patch *patch);
            """),
    ];

    /// <summary>Writes the headers into the folder and returns the words that make a compiler use them and the author's header.</summary>
    public static string[] Install(TemporaryFolder folder, bool hasLivepatch = true)
    {
        foreach (var (name, text) in Files)
        {
            folder.Write("stub/" + name, text);
        }

        string[] words = ["-std=gnu11", "-ffreestanding", "-I" + Path.Combine(folder.Path, "stub"), "-I" + Repository.Combine("sdk", "Klp.Build.Sdk", "include")];
        return hasLivepatch ? [.. words, "-DCONFIG_LIVEPATCH=1"] : words;
    }
}
