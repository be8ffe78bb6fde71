using Klp.Guest;
using Klp.TestKit;

namespace Klp.Guest.Tests;

/// <summary>A module that the kernel's own build makes of one C text: the guest's tests must not depend on the build that is tested elsewhere.</summary>
internal static class KbuildModule
{
    /// <summary>What follows the <c>funcs</c> of a patch of vmlinux, written with the kernel's plain API.</summary>
    public const string Rest = """

        static struct klp_object objects[] = { { .funcs = funcs }, { } };
        static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objects };

        static int __init start(void) { return klp_enable_patch(&patch); }
        static void __exit stop(void) { }

        module_init(start);
        module_exit(stop);
        MODULE_LICENSE("GPL");
        MODULE_INFO(livepatch, "Y");
        """;

    /// <summary>A patch of /proc/cmdline's show function, written with the kernel's plain API.</summary>
    public const string CmdlinePatch = """
        #include <linux/livepatch.h>
        #include <linux/module.h>
        #include <linux/seq_file.h>

        static int new_show(struct seq_file *m, void *v)
        {
        	seq_puts(m, "patched command line\n");
        	return 0;
        }

        static struct klp_func funcs[] = { { .old_name = "OLD_NAME", .new_func = new_show }, { } };
        """ + Rest;

    public static Task<GuestModule> BuildAsync(TestKernel kernel, string name, string text) => Task.Run(() =>
    {
        using var built = Kbuild.Build(kernel, name, new Dictionary<string, string> { [name + ".c"] = text });
        return new GuestModule(name, File.ReadAllBytes(built.File));
    });
}
