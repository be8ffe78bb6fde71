using Klp.Base;
using Klp.Guest;
using Klp.TestKit;
using Xunit;

namespace Klp.Guest.Tests;

public class PatchRunTests
{
    public static IEnumerable<object[]> NewestOfEachSeries => Kernels.NewestOfEachSeries;

    [Theory]
    [MemberData(nameof(NewestOfEachSeries))]
    public async Task A_module_of_kbuild_is_loaded_seen_and_taken_out_again(string release)
    {
        var kernel = Kernels.ByRelease(release);
        var module = await KbuildModule.BuildAsync(kernel, "fix_cmdline", KbuildModule.CmdlinePatch.Replace("OLD_NAME", "cmdline_proc_show"));
        var diagnostics = new DiagnosticBag();
        var result = await PatchRun.RunAsync(
            new PatchRunRequest { Module = module, ModuleFile = "fix_cmdline.ko", Guest = Machine.Request(kernel), ShowCommand = "cat /proc/cmdline" },
            diagnostics, CancellationToken.None);

        Assert.Empty(diagnostics);
        Assert.NotNull(result);
        Assert.Equal(GuestVerdict.Finished, result.Verdict);
        Assert.Equal(release, result.Release);
        Assert.Contains("console=", result[PatchRun.Before].Text);
        Assert.Equal("patched command line\n", result[PatchRun.With].Text);
        Assert.Equal(result[PatchRun.Before].Text, result[PatchRun.After].Text);
        Assert.All(result.Steps, s => Assert.Equal(0, s.ExitCode));
        Assert.NotEqual(0ul, result.Taints & (1 << 15) /* TAINT_LIVEPATCH */);
        Assert.Contains(result[PatchRun.Load].KernelLog, l => l.Text.Contains("livepatch: enabling patch 'fix_cmdline'"));
    }

    [Fact]
    public async Task Without_a_command_the_state_under_sysfs_is_shown()
    {
        var kernel = Kernels.Newest;
        var module = await KbuildModule.BuildAsync(kernel, "fix_cmdline", KbuildModule.CmdlinePatch.Replace("OLD_NAME", "cmdline_proc_show"));
        var diagnostics = new DiagnosticBag();
        var result = await PatchRun.RunAsync(
            new PatchRunRequest { Module = module, ModuleFile = "fix_cmdline.ko", Guest = Machine.Request(kernel) }, diagnostics, CancellationToken.None);

        Assert.Empty(diagnostics);
        Assert.Equal("fix_cmdline: not loaded\n", result![PatchRun.Before].Text);
        Assert.Contains("fix_cmdline/enabled: 1\n", result[PatchRun.With].Text);
        Assert.Contains("fix_cmdline/vmlinux/cmdline_proc_show,1", result[PatchRun.With].Text);
        Assert.Equal("fix_cmdline: not loaded\n", result[PatchRun.After].Text);
    }

    [Fact]
    public async Task A_refused_load_brings_the_kernels_own_lines_and_skips_the_rest()
    {
        var kernel = Kernels.Newest;
        var module = await KbuildModule.BuildAsync(kernel, "fix_nothing", KbuildModule.CmdlinePatch.Replace("OLD_NAME", "no_such_function_here"));
        var diagnostics = new DiagnosticBag();
        var result = await PatchRun.RunAsync(
            new PatchRunRequest { Module = module, ModuleFile = "fix_nothing.ko", Guest = Machine.Request(kernel) }, diagnostics, CancellationToken.None);

        var error = Assert.Single(diagnostics);
        Assert.Equal("KLP0808", error.Id);
        Assert.Contains("no_such_function_here", error.FullText());
        Assert.False(result![PatchRun.With].Ran);
        Assert.False(result[PatchRun.Disable].Ran);
        Assert.Equal(GuestVerdict.Finished, result.Verdict);
    }

    [Fact]
    public async Task A_command_runs_with_the_patch_loaded_and_its_status_is_kept()
    {
        var kernel = Kernels.Newest;
        var module = await KbuildModule.BuildAsync(kernel, "fix_cmdline", KbuildModule.CmdlinePatch.Replace("OLD_NAME", "cmdline_proc_show"));
        var diagnostics = new DiagnosticBag();
        var result = await PatchRun.RunAsync(
            new PatchRunRequest { Module = module, ModuleFile = "fix_cmdline.ko", Guest = Machine.Request(kernel), Command = "cat /proc/cmdline; exit 42" },
            diagnostics, CancellationToken.None);

        Assert.Empty(diagnostics);
        Assert.Equal(42, result![PatchRun.Command].ExitCode);
        Assert.Equal("patched command line\n", result[PatchRun.Command].Text);
    }

    [Fact]
    public async Task A_module_that_enables_no_patch_is_an_error()
    {
        var kernel = Kernels.Newest;
        var module = await KbuildModule.BuildAsync(kernel, "idle",
            "#include <linux/module.h>\nstatic int __init start(void) { return 0; }\nstatic void __exit stop(void) { }\nmodule_init(start); module_exit(stop);\nMODULE_LICENSE(\"GPL\");\n");
        var diagnostics = new DiagnosticBag();
        await PatchRun.RunAsync(
            new PatchRunRequest { Module = module, ModuleFile = "idle.ko", Guest = Machine.Request(kernel) }, diagnostics, CancellationToken.None);

        Assert.Equal("KLP0809", Assert.Single(diagnostics).Id);
    }
}
