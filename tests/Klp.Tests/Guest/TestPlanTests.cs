using Klp.Guest;
using Klp.Kernel;
using Xunit;
using static Klp.Tests.Guest.TestRequests;

namespace Klp.Tests.Guest;

public class TestPlanTests
{
    private static string[] Steps(TestPlan plan) => [.. plan.Steps.Select(s => s.Step.Name.Split(": ")[^1])];

    [Fact]
    public void A_patch_without_anything_declared_is_loaded_seen_reverted_and_unloaded()
    {
        var plan = TestPlan.Create(Of(), _ => true);

        Assert.Equal(["fix.Loads", "fix.Patches", "fix.Reverts", "fix.Unloads"], plan.Cases.Select(c => c.FullName));
        Assert.Equal(["load fix", "await the transition of fix", "check vmlinux", "disable fix", "unload fix"], Steps(plan));
    }

    [Fact]
    public void A_script_of_During_starts_before_the_load_and_ends_after_the_revert()
    {
        var plan = TestPlan.Create(Of("fix", Script("a", TestPhase.Before), Script("b", TestPhase.During), Script("c", TestPhase.Loaded), Script("d", TestPhase.Reverted)), _ => true);

        Assert.Equal(
            ["fix.Before.a: run", "fix.During.b: start", "fix.Loads: load fix", "fix.Patches: await the transition of fix", "fix.Patches: check vmlinux", "fix.Loaded.c: run",
             "fix.Reverts: disable fix", "fix.During.b: end", "fix.Unloads: unload fix", "fix.Reverted.d: run"],
            plan.Steps.Select(s => s.Step.Name));
    }

    [Fact]
    public void Modules_are_patched_in_both_orders_and_loaded_again_last_and_the_scripts_run_in_both()
    {
        var request = Of("fix", Script("c", TestPhase.Loaded)) with { PatchesVmlinux = false, Targets = [Target("a"), Target("b", TargetReload.IsRefused)] };
        var plan = TestPlan.Create(request, _ => true);

        Assert.Equal(
            ["load needed", "load a", "load needed", "load b", "load fix", "await the transition of fix", "check ", "check a", "check b", "run", "disable fix", "unload fix",
             "unload the patched modules", "load fix", "await the transition of fix", "load needed", "load a", "check a", "load needed", "load b", "check b", "run",
             "unload a", "load a again", "check a", "unload b", "load b again", "disable fix", "unload fix"],
            Steps(plan));
        Assert.Equal(StepExpectation.Refusal, plan.Steps.Single(s => s.Step.Name.EndsWith("load b again", StringComparison.Ordinal)).Expectation);
        Assert.Contains("before Linux 6.3", plan.Cases.Single(c => c.Name == "Reload_of_b").Remark, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unsafe_reload_is_not_tried_and_says_why()
    {
        var plan = TestPlan.Create(Of() with { Targets = [Target("a", TargetReload.IsUnsafe)] }, _ => true);

        Assert.Contains("GOT or PLT", plan.Cases.Single(c => c.Name == "Reload_of_a").Skipped, StringComparison.Ordinal);
        Assert.DoesNotContain(plan.Steps, s => s.Step.Name.Contains("again", StringComparison.Ordinal));
    }

    [Fact]
    public void A_selection_has_the_steps_it_needs_and_no_others()
    {
        var request = Of("fix", Script("a", TestPhase.Before), Script("c", TestPhase.Loaded)) with { Replaces = true, Successor = new GuestModule("fix_next", default), Targets = [Target("m")] };

        var loaded = TestPlan.Create(request, c => c.Class == "fix.Loaded");
        var late = TestPlan.Create(request, c => c.Cycle == TestCycle.Late && !TestPlan.IsReload(c));
        var reload = TestPlan.Create(request, TestPlan.IsReload);
        var replaced = TestPlan.Create(request, c => c.Name == TestPlan.IsReplaced);

        Assert.DoesNotContain(loaded.Steps, s => s.Step.Name.Contains("Before", StringComparison.Ordinal) || s.Step.Name.Contains("next", StringComparison.Ordinal));
        Assert.DoesNotContain(TestPlan.UnloadTargets, Steps(late));
        // A module that cannot be unloaded at all must be told from one that the patch holds.
        Assert.Equal(["load needed", "load m", TestPlan.UnloadTargets, "load fix"], Steps(reload).Take(4));
        Assert.Equal(["load needed", "load m", "load fix", "await the transition of fix", "load the newer version", "await the transition of fix_next", "await the end of the older one", "unload fix",
            "check vmlinux m", "disable fix_next", "unload fix_next"], Steps(replaced));
    }

    [Fact]
    public void A_newer_version_that_was_not_built_is_a_test_that_is_skipped()
    {
        var plan = TestPlan.Create(Of() with { Replaces = true }, c => c.Name == TestPlan.IsReplaced);

        Assert.NotNull(Assert.Single(plan.Cases).Skipped);
        Assert.Empty(plan.Steps);
    }
}
