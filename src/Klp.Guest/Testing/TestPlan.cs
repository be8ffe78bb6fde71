using Klp.Kernel;

namespace Klp.Guest;

/// <summary>What is to be done on one kernel: the tests there are, and the steps of one boot that decides them.</summary>
/// <param name="Cases">All tests that were selected, in the order of the report.</param>
public sealed record TestPlan(IReadOnlyList<TestCase> Cases, IReadOnlyList<PlannedStep> Steps)
{
    public const string Loads = "Loads";
    public const string Patches = "Patches";
    public const string Reverts = "Reverts";
    public const string Unloads = "Unloads";
    public const string IsReplaced = "Is_replaced_by_a_newer_version";

    /// <summary>The step whose failure says only that the modules cannot be unloaded here, so that the late cycle needs a boot of its own.</summary>
    public const string UnloadTargets = "unload the patched modules";

    /// <summary>All tests of a request.</summary>
    public static IReadOnlyList<TestCase> CasesOf(TestRunRequest request)
    {
        var module = request.Module.Name;
        TestCase Built(string name, TestCycle cycle = TestCycle.Ordinary) => new(module, name, cycle);
        IEnumerable<TestCase> Scripts(TestPhase phase) => request.Scripts.Where(s => s.Phase == phase)
            .Select(s => new TestCase($"{module}.{phase}", s.Name, TestCycle.Ordinary) { Script = s });

        List<TestCase> cases =
        [
            .. Scripts(TestPhase.Before), Built(Loads), Built(Patches), .. request.Targets.Select(t => Built(LoadedBefore(t))), .. Scripts(TestPhase.During),
            .. Scripts(TestPhase.Loaded), Built(Reverts), Built(Unloads), .. Scripts(TestPhase.Reverted),
        ];
        if (request.Replaces)
        {
            cases.Add(Built(IsReplaced, TestCycle.Replace) with { Skipped = request.Successor is null ? "The newer version was not built, or not since the patch was (--no-build)." : null });
        }

        foreach (var target in request.Targets)
        {
            cases.Add(Built(LoadedAfter(target), TestCycle.Late));
        }

        if (request.Targets.Count > 0)
        {
            cases.AddRange(request.Scripts.Where(s => s.Phase == TestPhase.Loaded).Select(s => new TestCase($"{module}.LoadedLate", s.Name, TestCycle.Late) { Script = s }));
        }

        cases.AddRange(request.Targets.Select(t => Built(Reloaded(t), TestCycle.Late) with
        {
            Skipped = t.Reload != TargetReload.IsUnsafe ? null
                : $"The patch has GOT or PLT relocations into {t.Name}, which this kernel writes once: loaded again, {t.Name} would be patched with addresses of before.",
            Remark = t.Reload != TargetReload.IsRefused ? null
                : $"The kernel refuses to load {t.Name} again while the patch is there, as it must: before Linux 6.3 it does not take back what it wrote into the patch for it.",
        }));
        return cases;
    }

    /// <summary>The steps that the selected tests need.</summary>
    public static TestPlan Create(TestRunRequest request, Func<TestCase, bool> selected) => new TestPlanner(request, [.. CasesOf(request).Where(selected)]).Plan();

    public static string LoadedBefore(TestTarget target) => $"Patches_{target.Name}_loaded_before";

    public static string LoadedAfter(TestTarget target) => $"Patches_{target.Name}_loaded_after";

    public static string Reloaded(TestTarget target) => ReloadPrefix + target.Name;

    /// <summary>The test loads a patched module a second time.</summary>
    public static bool IsReload(TestCase test) => test is { Cycle: TestCycle.Late, Script: null } && test.Name.StartsWith(ReloadPrefix, StringComparison.Ordinal);

    private const string ReloadPrefix = "Reload_of_";
}
