using Klp.Base;
using Klp.Guest;
using Klp.Kernel;
using Klp.Symbols;
using Klp.TestKit;
using Xunit;

namespace Klp.Guest.Tests;

/// <summary>What KLP0792 warns of is so: a kernel enables a patch of such a function and goes on with the old one.</summary>
public sealed class StrayFtraceTests
{
    private const string Patch = """
        #include <linux/livepatch.h>
        #include <linux/module.h>
        #include <linux/seq_file.h>

        static int new_loadavg(struct seq_file *m, void *v)
        {
        	seq_puts(m, "new loadavg\n");
        	return 0;
        }

        static int new_uptime(struct seq_file *m, void *v)
        {
        	seq_puts(m, "new uptime\n");
        	return 0;
        }

        static struct klp_func funcs[] = {
        	{ .old_name = "loadavg_proc_show", .new_func = new_loadavg },
        	{ .old_name = "uptime_proc_show", .new_func = new_uptime }, { }
        };
        static struct klp_object objects[] = { { .funcs = funcs }, { } };
        static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objects };

        static int __init start(void) { return klp_enable_patch(&patch); }
        static void __exit stop(void) { }

        module_init(start);
        module_exit(stop);
        MODULE_LICENSE("GPL");
        MODULE_INFO(livepatch, "Y");
        """;

    /// <summary>In both the weak function that follows loadavg_proc_show is overridden; x86_64 looks at the function's first byte first, where powerpc never has a site.</summary>
    public static IEnumerable<object[]> Kernels61 =>
    [
        [Kernels.BySeries("6.1").Release, false],
        .. Kernels.SmallIn("a function with another ftrace entry behind it, patched").Where(k => k.Architecture?.Name == "ppc64le" && k.Series == "6.1").Select(k => new object[] { k.Release, true }),
    ];

    [Theory]
    [MemberData(nameof(Kernels61))]
    public async Task A_function_with_a_stray_ftrace_site_stays_as_it_is_under_an_enabled_patch(string release, bool isStray)
    {
        var kernel = Kernels.ByRelease(release);
        var diagnostics = new DiagnosticBag();
        var index = SymbolIndex.Open(new SymbolSources { ImageFile = kernel.ImageFile, Release = release }, null, LoaderRules.For(release), diagnostics);
        Assert.Equal([isStray, false], new[] { "loadavg_proc_show", "uptime_proc_show" }.Select(n => Assert.Single(index!.Find("vmlinux", n, diagnostics)).HasStrayFtraceSite));

        var module = await KbuildModule.BuildAsync(kernel, "fix_stray", Patch);
        var result = await PatchRun.RunAsync(
            new PatchRunRequest { Module = module, ModuleFile = "fix_stray.ko", Guest = Machine.Request(kernel), ShowCommand = "cat /proc/loadavg /proc/uptime" }, diagnostics, CancellationToken.None);
        Assert.DoesNotContain(diagnostics, d => d.Severity != Severity.Information);
        var lines = result![PatchRun.With].Text!.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Equal("new uptime", lines[1]);
        Assert.Equal(isStray, lines[0] != "new loadavg");
    }
}
