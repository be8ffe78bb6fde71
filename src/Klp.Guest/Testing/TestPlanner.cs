using Klp.Kernel;

namespace Klp.Guest;

/// <summary>Puts the steps of a test boot in order: one cycle after another, each as far as a selected test needs it.</summary>
internal sealed class TestPlanner(TestRunRequest request, IReadOnlyList<TestCase> cases)
{
    private readonly List<PlannedStep> _steps = [];
    private readonly string _patch = request.Module.Name;

    // A step is given more time than what it waits for, so that it can say what it waited for.
    private TimeSpan WaitTimeout => request.TransitionTimeout + TimeSpan.FromSeconds(30);

    public TestPlan Plan()
    {
        foreach (var cycle in cases.Where(c => c.Skipped is null).Select(c => c.Cycle).Distinct().Order())
        {
            switch (cycle)
            {
                case TestCycle.Ordinary:
                    Ordinary();
                    break;
                case TestCycle.Replace:
                    Replace(Find(TestCycle.Replace, TestPlan.IsReplaced), request.Successor!);
                    break;
                case TestCycle.Late:
                    Late();
                    break;
            }
        }

        return new TestPlan(cases, _steps);
    }

    private void Ordinary()
    {
        LoadTargets(null);
        Scripts(TestPhase.Before);
        var during = Of(TestPhase.During);
        foreach (var (test, number) in during)
        {
            Add("start", test, TestSteps.Start(request, test.Script!, number), GuestStepRole.Optional, TimeSpan.FromSeconds(30), "It cannot be started.");
        }

        var (loads, patches) = (Find(TestCycle.Ordinary, TestPlan.Loads), Find(TestCycle.Ordinary, TestPlan.Patches));
        Load(request.Module, loads);
        Await(_patch, patches);
        Check(_patch, HasVmlinux ? [ObjectName.Vmlinux] : [], patches);
        foreach (var target in request.Targets)
        {
            Check(_patch, [target.Name], Find(TestCycle.Ordinary, TestPlan.LoadedBefore(target)));
        }

        Scripts(TestPhase.Loaded);
        Disable(_patch, Find(TestCycle.Ordinary, TestPlan.Reverts));
        foreach (var (test, number) in during)
        {
            Add("end", test, TestSteps.Finish(number), GuestStepRole.Always, TimeSpan.FromSeconds(30),
                test.Script!.Expect == TestExpectation.Pass ? "A run of it failed." : "A run of it did not fail as it should.");
        }

        Unload(_patch, Find(TestCycle.Ordinary, TestPlan.Unloads));
        Scripts(TestPhase.Reverted);
    }

    private void Replace(TestCase? test, GuestModule successor)
    {
        LoadTargets(null);
        Load(request.Module, test);
        Await(_patch, test);
        Add("load the newer version", test, TestSteps.Insert(successor), GuestStepRole.Required, WaitTimeout, "The kernel refuses to load the newer version over the older one.");
        Await(successor.Name, test);
        Add("await the end of the older one", test, TestSteps.AwaitGone(_patch, request.TransitionTimeout), GuestStepRole.Required, WaitTimeout, "The newer version is in place, and the kernel still has the older patch.");
        Unload(_patch, test);
        Check(successor.Name, [.. HasVmlinux ? [ObjectName.Vmlinux] : (string[])[], .. request.Targets.Select(t => t.Name)], test);
        Disable(successor.Name, test);
        Unload(successor.Name, test);
    }

    private void Late()
    {
        if (_steps.Count == 0 && cases.Any(c => TestPlan.IsReload(c) && c.Skipped is null))
        {
            // What cannot be unloaded without the patch either is no fault of the patch.
            LoadTargets(null);
        }

        if (_steps.Count > 0)
        {
            Add(TestPlan.UnloadTargets, null, TestSteps.Remove(request.Targets.Select(t => t.Name)), GuestStepRole.Required, TimeSpan.FromSeconds(30), "");
        }

        // What happens on the way counts for the first test that there is.
        var first = cases.FirstOrDefault(c => c.Cycle == TestCycle.Late && c.Skipped is null);
        Load(request.Module, first);
        Await(_patch, first);
        foreach (var target in request.Targets)
        {
            var test = Find(TestCycle.Late, TestPlan.LoadedAfter(target));
            LoadTarget(target, test);
            Check(_patch, [target.Name], test);
        }

        foreach (var test in cases.Where(c => c is { Cycle: TestCycle.Late, Script: not null }))
        {
            RunScript(test, NumberOf(test.Script!));
        }

        foreach (var target in request.Targets)
        {
            if (Find(TestCycle.Late, TestPlan.Reloaded(target)) is { Skipped: null } test)
            {
                Reload(target, test);
            }
        }

        var last = cases.LastOrDefault(c => c.Cycle == TestCycle.Late && c.Skipped is null);
        Disable(_patch, last);
        Unload(_patch, last);
    }

    private void Reload(TestTarget target, TestCase test)
    {
        Add($"unload {target.Name}", test, TestSteps.Remove([target.Name]), GuestStepRole.Optional, TimeSpan.FromSeconds(30), $"{target.Name} cannot be unloaded, so it cannot be loaded again either.");
        if (target.Reload == TargetReload.IsRefused)
        {
            _steps.Add(new PlannedStep(Step($"load {target.Name} again", test, TestSteps.Insert(target.Modules[^1]), GuestStepRole.Optional, WaitTimeout), test, StepExpectation.Refusal)
            {
                Failure = $"The kernel should refuse to load {target.Name} again, for it has not taken back what it wrote into the patch; it did not.",
            });
            return;
        }

        Add($"load {target.Name} again", test, TestSteps.Insert(target.Modules[^1]), GuestStepRole.Optional, WaitTimeout, $"The kernel refuses to load {target.Name} again while the patch is there.");
        _steps.Add(new PlannedStep(Step($"check {target.Name}", test, TestSteps.CheckPatched(_patch, [target.Name]), GuestStepRole.Optional, WaitTimeout), test)
        {
            Failure = $"{target.Name} was loaded again and is not patched.",
        });
    }

    private bool HasVmlinux => request.PatchesVmlinux;

    private void LoadTargets(TestCase? test)
    {
        foreach (var target in request.Targets)
        {
            LoadTarget(target, test);
        }
    }

    private void LoadTarget(TestTarget target, TestCase? test)
    {
        foreach (var module in target.Modules)
        {
            Add($"load {module.Name}", test, TestSteps.Insert(module), GuestStepRole.Required, WaitTimeout, $"{module.Name}, which this patch needs, cannot be loaded.");
        }
    }

    private void Load(GuestModule module, TestCase? test) =>
        Add($"load {module.Name}", test, TestSteps.Insert(module), GuestStepRole.Required, WaitTimeout, "The kernel refuses to load this module.");

    private void Await(string patch, TestCase? test) =>
        Add($"await the transition of {patch}", test, TestSteps.AwaitTransition(patch, request.TransitionTimeout), GuestStepRole.Required, WaitTimeout, "");

    private void Check(string patch, IReadOnlyList<string> objects, TestCase? test) =>
        Add($"check {string.Join(' ', objects)}", test, TestSteps.CheckPatched(patch, objects), GuestStepRole.Optional, WaitTimeout, "The patch is loaded, and not all that it patches is patched.");

    private void Disable(string patch, TestCase? test) =>
        Add($"disable {patch}", test, TestSteps.Disable(patch, request.TransitionTimeout), GuestStepRole.Required, WaitTimeout, "");

    private void Unload(string patch, TestCase? test) =>
        Add($"unload {patch}", test, GuestStep.Remove("", patch).Script, GuestStepRole.Required, TimeSpan.FromSeconds(30), "The patch is disabled, and its module cannot be unloaded.");

    private void Scripts(TestPhase phase)
    {
        foreach (var (test, number) in Of(phase))
        {
            RunScript(test, number);
        }
    }

    private void RunScript(TestCase test, int number)
    {
        var script = test.Script!;
        var expectation = script.Expect == TestExpectation.Pass ? StepExpectation.Success : script.Phase == TestPhase.Before ? StepExpectation.NoOrTrouble : StepExpectation.No;
        _steps.Add(new PlannedStep(Step("run", test, TestSteps.Run(request, script, number), GuestStepRole.Optional, request.ScriptTimeout), test, expectation));
    }

    private IReadOnlyList<(TestCase Test, int Number)> Of(TestPhase phase) =>
        [.. cases.Where(c => c.Cycle == TestCycle.Ordinary && c.Script?.Phase == phase).Select(c => (c, NumberOf(c.Script!)))];

    private int NumberOf(TestScript script) => request.Scripts.Index().First(s => ReferenceEquals(s.Item, script)).Index;

    private TestCase? Find(TestCycle cycle, string name) => cases.FirstOrDefault(c => c.Cycle == cycle && c.Script is null && c.Name == name);

    private void Add(string name, TestCase? test, string script, GuestStepRole role, TimeSpan timeout, string failure) =>
        _steps.Add(new PlannedStep(Step(name, test, script, role, timeout), test) { Failure = failure });

    // All in one group: after a failure nothing that follows can be believed.
    private static GuestStep Step(string name, TestCase? test, string script, GuestStepRole role, TimeSpan timeout) =>
        new(test is null ? name : $"{test.FullName}: {name}", script) { Role = role, Timeout = timeout };
}
