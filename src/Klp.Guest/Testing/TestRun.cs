using System.Diagnostics;
using Klp.Base;

namespace Klp.Guest;

/// <summary>Runs the tests of one patch on one kernel: one boot, and a second one where the modules it patches cannot be unloaded.</summary>
public static class TestRun
{
    /// <summary>Boots, goes through the plan and judges.</summary>
    /// <param name="ended">Told of each test as soon as its boot is over; from this method's thread.</param>
    /// <returns>Null with an error where nothing could be started (KLP0800 to KLP0804), or where the outputs did not arrive whole (KLP0840).</returns>
    public static async Task<TestRunResult?> RunAsync(
        TestRunRequest request, TestPlan plan, DiagnosticBag diagnostics, Action<TestResult> ended, CancellationToken cancellation)
    {
        var (started, clock) = (DateTimeOffset.UtcNow, Stopwatch.StartNew());
        if (plan.Steps.Count == 0)
        {
            var none = plan.Cases.Select(c => new TestResult(c, TestOutcome.NotExecuted, c.Skipped, "", []) { Started = started }).ToArray();
            Array.ForEach(none, ended);
            return new TestRunResult(none, null, false, started, clock.Elapsed);
        }

        if (await BootAsync(request, plan, diagnostics, cancellation).ConfigureAwait(false) is not { } boot)
        {
            return null;
        }

        var results = TestJudge.Judge(plan, request, boot);
        if (boot.Steps.FirstOrDefault(s => s is { Step.Name: TestPlan.UnloadTargets, Ran: true, ExitCode: > 0 }) is { } stays)
        {
            // A module that cannot be unloaded (no exit function, a device in use) can still be loaded late: in a fresh kernel.
            var late = TestPlan.Create(request, c => c.Cycle == TestCycle.Late && !TestPlan.IsReload(c) && plan.Cases.Contains(c));
            var second = late.Steps.Count == 0 ? null : await BootAsync(request, late, diagnostics, cancellation).ConfigureAwait(false);
            var again = second is null ? [] : TestJudge.Judge(late, request, second).ToDictionary(r => r.Case);
            results = [.. results.Select(r => TestPlan.IsReload(r.Case) && r.Case.Skipped is null
                ? new TestResult(r.Case, TestOutcome.NotExecuted, $"The module cannot be unloaded, so it cannot be loaded again: {stays.Text.Trim()}", "", []) { Started = r.Started }
                : again.GetValueOrDefault(r.Case, r))];
        }

        foreach (var result in results)
        {
            ended(result);
        }

        return new TestRunResult(results, boot.Release, boot.Accelerated, started, clock.Elapsed);
    }

    private static async Task<GuestResult?> BootAsync(TestRunRequest request, TestPlan plan, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var modules = request.Targets.SelectMany(t => t.Modules).Append(request.Module).Concat(request.Successor is { } next ? [next] : []);
        var guest = request.Guest with
        {
            Steps = [.. plan.Steps.Select(s => s.Step)],
            Modules = [.. modules.DistinctBy(m => m.Name)],
            Files = [.. request.Scripts.Select((s, i) => new GuestFile(TestSteps.ScriptPath(i), s.Content))],
        };
        var said = new DiagnosticBag();
        var boot = await GuestRunner.RunAsync(guest, said, cancellation).ConfigureAwait(false);
        if (boot is { IsDamaged: true })
        {
            // No verdict is better than one that rests on damaged output.
            diagnostics.AddRange(said);
            return null;
        }

        // A boot that ended badly is the failure of the test it ended in; only where there is none does it speak for itself.
        if (boot is null || (boot.Verdict != GuestVerdict.Finished && TestJudge.Judge(plan, request, boot).All(r => r.Outcome != TestOutcome.Failed)))
        {
            diagnostics.AddRange(said);
        }

        return boot;
    }
}
