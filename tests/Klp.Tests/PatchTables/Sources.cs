using Klp.TestKit;

namespace Klp.Tests.PatchTables;

/// <summary>One patch, said twice: with the author's header and with the kernel's plain API.</summary>
internal static class Sources
{
    private const string Bodies = """
        #include <linux/kernel.h>
        #include <linux/module.h>
        #include <linux/livepatch.h>
        #include <linux/seq_file.h>
        """;

    public const string Header = """
        #include <linux/seq_file.h>
        #include <klp/patch.h>

        KLP_FUNC(vmlinux, cmdline_proc_show, int, struct seq_file *m, void *v)
        {
            seq_puts(m, "patched\n");
            return 0;
        }

        KLP_FUNC_POS(snd-hda-intel, azx_probe, 2, int, void)
        {
            return 1;
        }

        KLP_FUNC_NAMED(vmlinux, "meminfo_proc_show.isra.0", meminfo_proc_show, int, struct seq_file *m)
        {
            return 0;
        }

        KLP_FUNC_NAMED_POS(snd_hda_intel, "azx_probe.part.0", 3, azx_probe_part, int, void)
        {
            return 3;
        }

        KLP_PRE_PATCH(loop, obj)
        {
            return obj->patched;
        }

        KLP_POST_UNPATCH(vmlinux, obj)
        {
        }

        KLP_MODULE("GPL", .replace = true);
        """;

    public const string Plain = Bodies + """

        static int livepatch_cmdline_proc_show(struct seq_file *m, void *v) { seq_puts(m, "patched\n"); return 0; }
        static int livepatch_azx_probe(void) { return 1; }
        static int livepatch_meminfo_proc_show(struct seq_file *m) { return 0; }
        static int livepatch_azx_probe_part(void) { return 3; }
        static int livepatch_pre_patch_loop(struct klp_object *obj) { return obj->patched; }
        static void livepatch_post_unpatch_vmlinux(struct klp_object *obj) { }

        static struct klp_func vmlinux_funcs[] = {
            { .old_name = "cmdline_proc_show", .new_func = livepatch_cmdline_proc_show },
            { .old_name = "meminfo_proc_show.isra.0", .new_func = livepatch_meminfo_proc_show },
            { }
        };
        static struct klp_func snd_funcs[] = {
            { .old_name = "azx_probe", .new_func = livepatch_azx_probe, .old_sympos = 2 },
            { .old_name = "azx_probe.part.0", .new_func = livepatch_azx_probe_part, .old_sympos = 3 },
            { }
        };
        static struct klp_func loop_funcs[] = { { } };
        static struct klp_object objs[] = {
            { .funcs = vmlinux_funcs, .callbacks = { .post_unpatch = livepatch_post_unpatch_vmlinux } },
            { .name = "snd_hda_intel", .funcs = snd_funcs },
            { .name = "loop", .funcs = loop_funcs, .callbacks = { .pre_patch = livepatch_pre_patch_loop } },
            { }
        };
        static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objs, .replace = true };
        static int __init start(void) { return klp_enable_patch(&patch); }
        static void __exit stop(void) { }
        module_init(start);
        module_exit(stop);
        MODULE_LICENSE("GPL");
        MODULE_INFO(livepatch, "Y");
        """;

    /// <summary>Kernels times compilers, for theories.</summary>
    public static IEnumerable<object[]> KernelsAndCompilers =>
        from kernel in Kernels.All.GroupBy(k => k.Series).Select(g => g.Last().Release)
        from compiler in new[] { "gcc", "clang" }
        select new object[] { kernel, compiler };
}
