using Klp.Guest;
using Klp.Kernel;
using Xunit;
using static Klp.Tests.Guest.TestRequests;

namespace Klp.Tests.Guest;

/// <summary>Verdicts over what booted kernels said; the log lines are of real ones.</summary>
public class TestJudgeTests
{
    // Linux 6.1.0-56-amd64, a WARN in a patched function.
    private const string Warning = """
        <4>[    7.319619] ------------[ cut here ]------------
        <4>[    7.319688] the patch is not well
        <4>[    7.319887] WARNING: CPU: 0 PID: 120 at cmdline.c:6 livepatch_cmdline_proc_show+0x15/0x2e [cmdline]
        <4>[    7.319979] Modules linked in: cmdline(OEK)
        <4>[    7.320167] CPU: 0 PID: 120 Comm: grep Tainted: G           OE K    6.1.0-56-amd64 #1  Debian 6.1.192-2
        <4>[    7.321692] ---[ end trace 0000000000000000 ]---
        """;

    // The same kernel, pktgen loaded a second time under a patch of it.
    private const string Refusal = """
        <3>[    2.906114] module: x86/modules: Skipping invalid relocation target, existing value is nonzero for type 2, loc 0000000002c0862a, val ffffffffc0213850
        <4>[    2.906327] livepatch: failed to initialize patch 'late_module' for module 'pktgen' (-8)
        <4>[    2.906401] livepatch: patch 'late_module' failed for module 'pktgen', refusing to load module 'pktgen'
        """;

    private static readonly TestScript Loaded = Script("c", TestPhase.Loaded);

    private static (TestPlan Plan, IReadOnlyList<TestResult> Results) Run(TestRunRequest request, string step, Func<GuestStep, GuestStepResult> result, GuestVerdict verdict = GuestVerdict.Finished,
        Func<TestCase, bool>? selected = null)
    {
        var plan = TestPlan.Create(request, selected ?? (_ => true));
        Assert.Contains(plan.Steps, s => s.Step.Name == step);
        return (plan, TestJudge.Judge(plan, request, Boot(plan, s => s.Name == step ? result(s) : null, verdict)));
    }

    private static TestResult Single(IReadOnlyList<TestResult> results, string name) => results.Single(r => r.Case.FullName == name);

    [Fact]
    public void All_steps_with_status_0_are_all_tests_passed()
    {
        var (_, results) = Run(Of("fix", Loaded), "fix.Loads: load fix", s => Ended(s, 0, taints: 0b1011_0000_0000_0000));

        Assert.All(results, r => Assert.Equal((TestOutcome.Passed, null), (r.Outcome, r.Message)));
    }

    [Theory]
    [InlineData(TestExpectation.Pass, 0, true)]
    [InlineData(TestExpectation.Pass, 1, false)]
    [InlineData(TestExpectation.Fail, 0, false)]
    [InlineData(TestExpectation.Fail, 1, true)]
    [InlineData(TestExpectation.Fail, 125, true)]
    [InlineData(TestExpectation.Fail, 127, false)]
    [InlineData(TestExpectation.Fail, 137, false)]
    public void A_script_must_end_as_expected(TestExpectation expect, int status, bool passes)
    {
        var (_, results) = Run(Of("fix", Script("c", TestPhase.Loaded, expect)), "fix.Loaded.c: run", s => Ended(s, status, "words"));

        var result = Single(results, "fix.Loaded.c");
        Assert.Equal((passes ? TestOutcome.Passed : TestOutcome.Failed, passes ? null : "KLP0820", "words"), (result.Outcome, result.Code, result.Output));
        Assert.Equal(passes ? 0 : 1, results.Count(r => r.Outcome == TestOutcome.Failed));
    }

    [Fact]
    public void A_warning_of_the_kernel_fails_the_test_in_which_it_came_with_its_lines()
    {
        var (_, results) = Run(Of("fix", Loaded), "fix.Loaded.c: run", s => Ended(s, 0, log: Warning, taints: 0x200));

        var result = Single(results, "fix.Loaded.c");
        Assert.Equal((TestOutcome.Failed, "KLP0822"), (result.Outcome, result.Code));
        Assert.Contains("WARNING: CPU: 0 PID: 120 at cmdline.c:6", result.Message, StringComparison.Ordinal);
        Assert.Equal("the patch is not well", result.KernelLog[1].Text);
        // The taint stays; it is told once.
        Assert.Equal(1, results.Count(r => r.Outcome == TestOutcome.Failed));
    }

    [Fact]
    public void Before_the_patch_a_warning_is_how_a_fault_may_show()
    {
        var request = Of("fix", Script("a", TestPhase.Before, TestExpectation.Fail), Script("b", TestPhase.Before));
        Assert.Equal(TestOutcome.Passed, Single(Run(request, "fix.Before.a: run", s => Ended(s, 0, log: Warning, taints: 0x200)).Results, "fix.Before.a").Outcome);
        Assert.Equal(TestOutcome.Failed, Single(Run(request, "fix.Before.b: run", s => Ended(s, 0, log: Warning, taints: 0x200)).Results, "fix.Before.b").Outcome);
    }

    [Fact]
    public void A_taint_that_a_livepatch_does_not_bring_fails()
    {
        var (_, results) = Run(Of(), "fix.Loads: load fix", s => Ended(s, 0, taints: 0x1 | 0x8000 | 0x1000));

        Assert.Equal(("KLP0823", "The kernel is tainted now: P."), (results[0].Code, results[0].Message));
    }

    [Fact]
    public void After_a_refused_load_the_rest_did_not_run()
    {
        var (_, results) = Run(Of("fix", Loaded), "fix.Loads: load fix", s => Ended(s, 1, "insmod: can't insert", "<3>[    1.0] fix: Unknown symbol nothing (err -2)"));

        Assert.Equal("KLP0821", results[0].Code);
        Assert.Contains("Unknown symbol nothing", results[0].KernelLog.Single().Text, StringComparison.Ordinal);
        Assert.All(results.Skip(1), r => Assert.Equal(TestOutcome.NotExecuted, r.Outcome));
        Assert.All(results.Skip(1), r => Assert.Contains("load fix", r.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_selected_test_that_was_not_reached_never_counts_as_skipped_alone()
    {
        var (_, results) = Run(Of("fix", Loaded), "load fix", s => Ended(s, 1, "insmod: can't insert"), selected: c => c.Script is not null);

        var result = Assert.Single(results);
        Assert.Equal((TestOutcome.Failed, "KLP0826"), (result.Outcome, result.Code));
        Assert.Contains("insmod: can't insert", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stalled_transition_has_its_own_code_and_the_tasks()
    {
        const string Tasks = "tasks that hold the transition up:\n  101 cat\n    [<0>] fifo_open+0x2a4/0x320\n";
        var (_, results) = Run(Of(), "fix.Patches: await the transition of fix", s => Ended(s, 4, Tasks));

        var result = Single(results, "fix.Patches");
        Assert.Equal(("KLP0824", Tasks), (result.Code, result.Output));
    }

    [Theory]
    [InlineData(GuestVerdict.Panicked, "panicked")]
    [InlineData(GuestVerdict.TimedOut, "KlpGuestTimeout")]
    [InlineData(GuestVerdict.Stopped, "QEMU ended")]
    public void A_machine_that_ended_fails_the_test_it_ended_in(GuestVerdict verdict, string words)
    {
        var (_, results) = Run(Of("fix", Loaded), "fix.Loaded.c: run", s => Ended(s, null, "half a"), verdict);

        var result = Single(results, "fix.Loaded.c");
        Assert.Equal(("KLP0825", "half a"), (result.Code, result.Output));
        Assert.Contains(words, result.Message, StringComparison.Ordinal);
        Assert.Equal(TestOutcome.NotExecuted, Single(results, "fix.Unloads").Outcome);
    }

    [Theory]
    [InlineData(1, Refusal, TestOutcome.Passed)]
    [InlineData(1, "", TestOutcome.Failed)]
    [InlineData(0, "", TestOutcome.Failed)]
    public void Where_the_kernel_must_refuse_a_reload_only_its_refusal_passes(int status, string log, TestOutcome outcome)
    {
        var request = Of("late_module") with { PatchesVmlinux = false, Targets = [Target("pktgen", TargetReload.IsRefused)] };
        var (_, results) = Run(request, "late_module.Reload_of_pktgen: load pktgen again", s => Ended(s, status, log: log));

        var result = Single(results, "late_module.Reload_of_pktgen");
        Assert.Equal(outcome, result.Outcome);
        if (outcome == TestOutcome.Passed)
        {
            Assert.Contains("before Linux 6.3", result.Output, StringComparison.Ordinal);
            Assert.Contains("refusing to load module 'pktgen'", result.Output, StringComparison.Ordinal);
        }
    }
}
