using Klp.Base;
using Klp.Guest;
using Klp.TestKit;
using Xunit;

namespace Klp.Guest.Tests;

/// <summary>A module that the kernel's own build makes of one C text: the guest's tests must not depend on the build that is tested elsewhere.</summary>
internal static class KbuildModule
{
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
        static struct klp_object objects[] = { { .funcs = funcs }, { } };
        static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objects };

        static int __init start(void) { return klp_enable_patch(&patch); }
        static void __exit stop(void) { }

        module_init(start);
        module_exit(stop);
        MODULE_LICENSE("GPL");
        MODULE_INFO(livepatch, "Y");
        """;

    public static async Task<GuestModule> BuildAsync(TestKernel kernel, string name, string text)
    {
        using var folder = new TemporaryFolder();
        folder.Write("Makefile", $"obj-m := {name}.o\n");
        folder.Write(name + ".c", text);
        var diagnostics = new DiagnosticBag();
        var environment = CleanEnvironment.Create();
        var make = ProcessRunner.FindOnPath("make", environment["PATH"], "/");
        Assert.True(make is not null, "make is missing: eng/test.sh installs it");
        var result = await ProcessRunner.RunAsync(
            new ProcessRequest(make, ["-s", "-C", kernel.BuildDirectory, "M=" + folder.Path, "modules"], folder.Path, environment) { Timeout = TimeSpan.FromMinutes(3) },
            diagnostics, CancellationToken.None);
        Assert.True(result?.ExitCode == 0, $"kbuild fails: {diagnostics}\n{result?.StandardOutput}\n{result?.StandardError}");
        return new GuestModule(name, await File.ReadAllBytesAsync(folder.Combine(name + ".ko")));
    }
}
