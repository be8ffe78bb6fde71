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
        """ + KbuildModule.Rest;

    /// <summary>In both the weak function that follows loadavg_proc_show is overridden; x86_64 looks at the function's first byte first, where powerpc never has a site.</summary>
    public static IEnumerable<object[]> Kernels61 =>
    [
        [Kernels.BySeries("6.1").Release, false],
        .. Kernels.SmallIn("functions with another ftrace entry behind them").Where(k => k.Architecture?.Name == "ppc64le" && k.Series == "6.1").Select(k => new object[] { k.Release, true }),
    ];

    [Theory]
    [MemberData(nameof(Kernels61))]
    public async Task A_function_with_a_stray_ftrace_site_stays_as_it_is_under_an_enabled_patch(string release, bool isStray)
    {
        var kernel = Kernels.ByRelease(release);
        var diagnostics = new DiagnosticBag();
        var index = SymbolIndex.Open(new SymbolSources { ImageFile = kernel.ImageFile, Release = release }, null, LoaderRules.For(release), diagnostics);
        Assert.Equal([isStray, false], new[] { "loadavg_proc_show", "uptime_proc_show" }.Select(n => Assert.Single(index!.Find("vmlinux", n, diagnostics)).HasStrayFtraceSite));

        if (!Tier.Includes("a function with another ftrace entry behind it, patched"))
        {
            return;
        }

        var module = await KbuildModule.BuildAsync(kernel, "fix_stray", Patch);
        var result = await PatchRun.RunAsync(
            new PatchRunRequest { Module = module, ModuleFile = "fix_stray.ko", Guest = Machine.Request(kernel), ShowCommand = "cat /proc/loadavg /proc/uptime" }, diagnostics, CancellationToken.None);
        Assert.DoesNotContain(diagnostics, d => d.Severity != Severity.Information);
        var lines = result![PatchRun.With].Text!.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Equal("new uptime", lines[1]);
        Assert.Equal(isStray, lines[0] != "new loadavg");
    }

    /// <summary>Where functions start with endbr64, vmlinux has no stray sites, but modules have: kvm's common half is full of weak functions that x86 overrides.</summary>
    [Fact]
    public async Task Functions_of_kvm_with_a_stray_site_are_not_redirected_under_an_enabled_patch_and_all_others_are()
    {
        var kernel = Kernels.BySeries("6.12");
        var diagnostics = new DiagnosticBag();
        var index = SymbolIndex.Open(new SymbolSources { ImageFile = kernel.ImageFile, ModulesDirectory = kernel.ModulesDirectory, Release = kernel.Release }, null, LoaderRules.For(kernel.Release), diagnostics)!;
        var functions = index.All("kvm", diagnostics).Where(s => s is { HasFtraceEntry: true, IsInit: false, Count: 1 }).ToList();
        var stray = functions.Where(f => f.HasStrayFtraceSite).Select(f => f.Name).ToArray();
        var others = functions.Where(f => !f.HasStrayFtraceSite && f.Name.StartsWith("kvm_vcpu_", StringComparison.Ordinal)).Select(f => f.Name).Take(20).ToArray();
        Assert.InRange(stray.Length, 2, 30);
        Assert.Equal(20, others.Length);

        var text = Patch[..Patch.IndexOf("static int new_loadavg", StringComparison.Ordinal)]
            + string.Concat(stray.Concat(others).Select((_, i) => $"static void stub{i}(void) {{ }}\n"))
            + "static struct klp_func funcs[] = {\n" + string.Concat(stray.Concat(others).Select((name, i) => $"\t{{ .old_name = \"{name}\", .new_func = stub{i} }},\n")) + "\t{ }\n};\n"
            + Patch[Patch.IndexOf("static struct klp_object", StringComparison.Ordinal)..].Replace(".funcs = funcs", ".name = \"kvm\", .funcs = funcs", StringComparison.Ordinal);
        var result = await PatchRun.RunAsync(new PatchRunRequest
        {
            Module = await KbuildModule.BuildAsync(kernel, "fix_kvm", text), ModuleFile = "fix_kvm.ko", Guest = Machine.Request(kernel),
            LoadBefore = TargetModules.Closure("kvm", KernelModules.Open(kernel.ModulesDirectory, diagnostics), diagnostics)!,
            ShowCommand = "mount -t tracefs none /sys/kernel/tracing 2>/dev/null; cat /sys/kernel/livepatch/fix_kvm/enabled; cat /sys/kernel/tracing/enabled_functions",
        }, diagnostics, CancellationToken.None);
        Assert.DoesNotContain(diagnostics, d => d.Severity != Severity.Information);
        var lines = result![PatchRun.With].Text.Split('\n');
        Assert.Equal("1", lines[0]);
        var redirected = lines.Skip(1).Select(l => l.Split(' ')[0]).ToHashSet();
        Assert.Empty(others.Except(redirected));

        // Which of its sites the search hits depends on where they stand in ftrace's pages.
        Assert.NotEmpty(stray.Except(redirected));
    }
}
