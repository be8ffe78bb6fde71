using System.Text.RegularExpressions;
using System.Xml.Linq;
using Klp.Base;
using Klp.TestKit;
using Xunit;

namespace Klp.Guest.Tests;

/// <summary><c>dotnet test</c> on patch projects, as a user calls it: its lines, its exit code and its TRX.</summary>
public class DotnetTestTests
{
    private const string Refused = "The kernel refuses to load pktgen again";
    private const string OnceOnly = "which this kernel writes once";
    private static readonly TestKernel Old = Kernels.BySeries("6.1");
    private static readonly TestKernel New = Kernels.BySeries("6.12");

    private static string Text(ProcessResult result) => result.StandardOutput + result.StandardError;

    private static Dictionary<string, XElement> Results(string trx)
    {
        XNamespace ns = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";
        return XDocument.Load(trx).Descendants(ns + "UnitTestResult").ToDictionary(r => r.Attribute("testName")!.Value);
    }

    private static string Outcome(XElement result) => result.Attribute("outcome")!.Value;

    /// <summary>One kernel, and in the whole run those of other machines.</summary>
    public static IEnumerable<object[]> OldAndSmall => [[Old.Release], .. Kernels.SmallIn("dotnet test").Select(k => new object[] { k.Release })];

    [Theory]
    [MemberData(nameof(OldAndSmall))]
    public void Scripts_of_every_phase_run_and_the_patch_is_loaded_reverted_replaced_and_unloaded(string release)
    {
        var kernel = Kernels.ByRelease(release);
        using var project = SdkProject.Patch(kernel, $"""
            <ItemGroup>
              <KlpTest Include="tests/is-patched.sh" Phase="Before" Expect="Fail" />
              <KlpTest Include="tests/can-be-read.sh" Phase="During" />
              <KlpTest Include="tests/is-patched.sh" />
              <KlpTest Include="tests/knows.sh" />
              <KlpTest Include="tests/is-patched.sh" Phase="Reverted" Expect="Fail" />
              <KlpTest Include="tests/of-another-kernel.sh" Kernels="!{kernel.Series}.*" />
            </ItemGroup>
            """);
        project.Environment["KLP_KERNEL_STORE"] = kernel.Store;
        project.Write("fix.c", SdkProject.PatchSource.Replace("KLP_MODULE(\"GPL\")", "static int unused;\nKLP_MODULE(\"GPL\", .replace = true)", StringComparison.Ordinal));
        project.Write("tests/is-patched.sh", "grep -q 'patched by a test' /proc/cmdline\n");
        project.Write("tests/can-be-read.sh", "[ -n \"$(cat /proc/cmdline)\" ] && [ $KLP_PHASE = During ]\n");
        project.Write("tests/knows.sh", "echo \"$KLP_MODULE;$KLP_KERNEL;$KLP_PHASE;$KLP_TARGETS\"\n[ \"$(cat $KLP_SYSFS/enabled)\" = 1 ]\n");
        project.Write("tests/of-another-kernel.sh", "exit 1\n");
        string[] all =
        [
            "fix.Before.is-patched", "fix.Loads", "fix.Patches", "fix.During.can-be-read", "fix.Loaded.is-patched", "fix.Loaded.knows", "fix.Reverts", "fix.Unloads", "fix.Reverted.is-patched",
            "fix.Is_replaced_by_a_newer_version",
        ];

        var list = project.Dotnet("test", "--list-tests");
        var result = project.Dotnet("test", "--no-restore", "--logger", "trx;LogFileName=a%.trx", "--results-directory", "out;put");
        var none = project.Dotnet("test", "--no-build", "--filter", $"Name~nothing|(Phase=Loaded&Kernel!~{kernel.Series})");
        var some = project.Dotnet("test", "--no-build", "--list-tests", "--filter", "Name~is-patched&Phase!=Before");

        Assert.Equal((0, 0, 0, 0), (list.ExitCode, result.ExitCode, none.ExitCode, some.ExitCode));

        // Built again without its newer version, which now is one of an older state.
        project.Write("fix.c", File.ReadAllText(Path.Combine(project.Folder, "fix.c")).Replace("patched by", "mended by", StringComparison.Ordinal));
        project.Build().Succeeded();
        var old = project.Dotnet("test", "--no-build", "--filter", "Name~Is_replaced");
        Assert.Matches("fix_next.ko : warning KLP0841: The newer version .* is older than the patch", old.StandardOutput);
        Assert.Matches("Skipped fix.Is_replaced_by_a_newer_version.*\n.*not since the patch was", old.StandardOutput);
        Assert.DoesNotContain("KLP0841", Text(result) + Text(some));

        string[] Listed(ProcessResult r) => [.. r.StandardOutput.Split('\n').SkipWhile(l => !l.Contains("The following Tests are available:")).Skip(1).Select(l => l.Trim()).Where(l => l.Length > 0)];
        Assert.Equal(all, Listed(list));
        Assert.Equal(["fix.Loaded.is-patched", "fix.Reverted.is-patched"], Listed(some));
        Assert.Contains("No test matches the given testcase filter", none.StandardOutput);
        Assert.Matches($@"Passed!  - Failed:     0, Passed:    10, Skipped:     0, Total:    10, Duration: [^-]+ - fix\.ko \({System.Text.RegularExpressions.Regex.Escape(release)}\)", result.StandardOutput);
        var results = Results(Path.Combine(project.Folder, "out;put", "a%.trx"));
        Assert.Equal(all, results.Keys);
        Assert.All(results.Values, r => Assert.Equal("Passed", Outcome(r)));
        Assert.Contains($"fix;{release};Loaded;\n", results["fix.Loaded.knows"].Value);
        // The patch is built a second time, as its newer version; what the compiler warns of is said once all the same.
        Assert.Single(System.Text.RegularExpressions.Regex.Matches(result.StandardOutput, "warning Wunused-variable: [^ ]"));
        Assert.Matches("\\[[1-9][0-9]* runs ended", results["fix.During.can-be-read"].Value);
    }

    [Fact]
    public void A_failing_script_and_a_warning_of_the_kernel_fail_the_run_and_are_shown()
    {
        using var project = SdkProject.Patch(Old, """
            <ItemGroup>
              <KlpTest Include="tests/a-no.sh;tests/b-warns.sh;tests/c-no-no.sh;tests/d-fine.sh" />
              <KlpTest Update="tests/c-no-no.sh" Expect="Fail" />
            </ItemGroup>
            """);
        project.Write("fix.c", SdkProject.PatchSource.Replace("\tseq_puts", "\tWARN(1, \"the patch is not well\\n\");\n\tseq_puts", StringComparison.Ordinal));
        project.Write("tests/a-no.sh", "echo said before the end\nexit 3\n");
        project.Write("tests/b-warns.sh", "cat /proc/cmdline\n");
        project.Write("tests/c-no-no.sh", "true\n");
        project.Write("tests/d-fine.sh", "true\n");

        var result = project.Dotnet("test", "--logger", "trx;LogFileName=r.trx");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"{Path.Combine(project.Folder, "tests/a-no.sh")} : error KLP0820: fix.Loaded.a-no failed on {Old.Release}: Its exit status is 3.", Text(result));
        Assert.Contains("said before the end", Text(result));
        Assert.Matches("b-warns.sh : error KLP0822: .*The kernel reported trouble: WARNING: ", Text(result));
        Assert.Contains("the patch is not well", Text(result));
        Assert.Contains("Failed!  - Failed:     3, Passed:     5, Skipped:     0, Total:     8", result.StandardOutput);
        var results = Results(Path.Combine(project.Folder, "TestResults", "r.trx"));
        Assert.Equal(["fix.Loaded.a-no", "fix.Loaded.b-warns", "fix.Loaded.c-no-no"], results.Where(r => Outcome(r.Value) == "Failed").Select(r => r.Key));
        Assert.Contains("the patch is not well", results["fix.Loaded.b-warns"].Value);
        Assert.Contains("expected to fail", results["fix.Loaded.c-no-no"].Value);
    }

    [Fact]
    public void A_transition_that_a_task_holds_up_fails_with_the_tasks_stack()
    {
        using var project = SdkProject.Patch(Old, """
            <PropertyGroup><KlpGuestTimeout>60</KlpGuestTimeout></PropertyGroup>
            <ItemGroup><KlpTest Include="tests/waits.sh" Phase="Before" /><KlpTest Include="tests/later.sh" /></ItemGroup>
            """);
        project.Write("fix.c", """
            #include <linux/fs.h>
            #include <klp/patch.h>

            KLP_FUNC(vmlinux, fifo_open, int, struct inode *inode, struct file *filp)
            {
            	return -ENXIO;
            }

            KLP_MODULE("GPL");

            """);
        project.Write("tests/waits.sh", "mkfifo /tmp/fifo\ncat /tmp/fifo &\nuntil grep fifo_open /proc/$!/stack; do usleep 100000; done\n");
        project.Write("tests/later.sh", "true\n");

        var result = project.Dotnet("test", "--logger", "trx;LogFileName=r.trx");

        Assert.Equal(1, result.ExitCode);
        Assert.True(Text(result).Contains("fix.ko : error KLP0824: fix.Patches failed", StringComparison.Ordinal), Text(result));
        Assert.True(Regex.IsMatch(Text(result), "KLP0824: +[0-9]+ cat"), Text(result));
        Assert.Contains("fifo_open+0x", Text(result));
        Assert.Contains("sysrq: Show backtrace of all active CPUs", Text(result));
        var results = Results(Path.Combine(project.Folder, "TestResults", "r.trx"));
        Assert.Equal("NotExecuted", Outcome(results["fix.Loaded.later"]));
        Assert.Contains("await the transition of fix", results["fix.Loaded.later"].Value);
    }

    /// <summary>
    /// Kernels, and what their report says of the second load of the module: 6.1 refuses to write relocations of x86_64 a second time
    /// (and calls of ppc64le, of which the sample has none), and s390x writes some only once.
    /// </summary>
    public static TheoryData<string, string?> Reloads()
    {
        var rows = new TheoryData<string, string?> { { Old.Release, Refused }, { New.Release, null } };
        foreach (var kernel in Kernels.SmallIn("dotnet test of a module's patch"))
        {
            rows.Add(kernel.Release, kernel.Architecture!.Name == "s390x" ? OnceOnly : null);
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Reloads))]
    public async Task A_patch_of_a_module_is_tested_in_both_orders_and_with_a_reload(string release, string? remark)
    {
        var kernel = Kernels.ByRelease(release);
        using var builds = new SampleBuilds();
        var result = await builds.DotnetAsync("late-module", "test", "-p:TargetKernel=" + release, "-p:KlpKernelStore=" + kernel.Store, "--logger", "trx;LogFileName=r.trx");

        Assert.True(result.ExitCode == 0, Text(result));
        var results = Results(Path.Combine(builds.Folder, "late-module", "TestResults", "r.trx"));
        Assert.All(results, r => Assert.Equal(remark == OnceOnly && r.Key.Contains("Reload") ? "NotExecuted" : "Passed", Outcome(r.Value)));
        Assert.Contains("late_module.Patches_pktgen_loaded_before", results.Keys);
        Assert.Contains("late_module.Patches_pktgen_loaded_after", results.Keys);
        Assert.Contains("late_module.Loaded.says-patched", results.Keys);
        Assert.Contains("late_module.LoadedLate.says-patched", results.Keys);
        var reload = results["late_module.Reload_of_pktgen"].Value;
        Assert.Equal(remark == Refused, reload.Contains("refus", StringComparison.Ordinal));
        Assert.Contains(remark ?? "", reload + result.StandardOutput);
    }

    /// <summary>All tests of such a patch take two boots, which the ordinary run leaves out.</summary>
    public static TheoryData<string> Selections() => Tier.Includes("dotnet test with a target module that cannot be unloaded, in both orders") ? ["Name~Reload", "Name~e"] : ["Name~Reload"];

    [Theory]
    [MemberData(nameof(Selections))]
    public void A_module_that_cannot_be_unloaded_is_loaded_late_in_a_boot_of_its_own_and_not_again(string filter)
    {
        // phylink has no exit function.
        using var project = SdkProject.Patch(Old);
        project.Write("fix.c", """
            #include <linux/phylink.h>
            #include <klp/patch.h>

            KLP_FUNC(phylink, phylink_ethtool_nway_reset, int, struct phylink *pl)
            {
            	return -ENODEV;
            }

            KLP_MODULE("GPL");

            """);

        var result = project.Dotnet("test", "--filter", filter, "--logger", "trx;LogFileName=r.trx");

        Assert.True(result.ExitCode == 0, Text(result));
        var results = Results(Path.Combine(project.Folder, "TestResults", "r.trx"));
        Assert.Equal("NotExecuted", Outcome(results["fix.Reload_of_phylink"]));
        Assert.Contains("cannot be unloaded", results["fix.Reload_of_phylink"].Value);
        Assert.All(results.Where(r => !r.Key.Contains("Reload")), r => Assert.Equal("Passed", Outcome(r.Value)));
        Assert.Equal(filter == "Name~e", results.ContainsKey("fix.Patches_phylink_loaded_after"));
    }
}
