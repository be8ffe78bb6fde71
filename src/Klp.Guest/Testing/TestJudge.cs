using System.Globalization;

namespace Klp.Guest;

/// <summary>Decides from what a boot did how each test of its plan ended.</summary>
public static class TestJudge
{
    private const int LinesBefore = 5;
    private const int LinesOfLog = 80;

    /// <summary>Results in the order of the plan's tests; a test that was not reached says why.</summary>
    public static IReadOnlyList<TestResult> Judge(TestPlan plan, TestRunRequest request, GuestResult boot)
    {
        var steps = plan.Steps.Zip(boot.Steps, (planned, result) => new Done(planned, result)).ToArray();
        Taint(steps, boot.InitialTaints ?? 0);
        var results = plan.Cases.Select(test => Judge(test, [.. steps.Where(s => s.Planned.Case == test)], request, boot)).ToList();
        var reason = Obstacle(steps, boot);
        // Nothing that was asked for may stay undecided without a failure that shows.
        var isExplained = results.Exists(r => r.Outcome == TestOutcome.Failed);
        return [.. results.Select(r => r.Message is not null || r.Outcome != TestOutcome.NotExecuted ? r
            : r with { Outcome = isExplained ? TestOutcome.NotExecuted : TestOutcome.Failed, Code = isExplained ? null : "KLP0826", Message = "It was not reached: " + reason })];
    }

    private static void Taint(Done[] steps, ulong taints)
    {
        foreach (var step in steps.Where(s => s.Result.Taints is not null))
        {
            step.NewTaints = TaintRule.Unexpected(taints, step.Result.Taints!.Value);
            taints |= step.Result.Taints.Value;
        }
    }

    private static TestResult Judge(TestCase test, IReadOnlyList<Done> steps, TestRunRequest request, GuestResult boot)
    {
        var ran = steps.Where(s => s.Result.Ran).ToArray();
        if (test.Skipped is not null || ran.Length == 0)
        {
            return new TestResult(test, TestOutcome.NotExecuted, test.Skipped, "", []) { Started = boot.Started };
        }

        var result = new TestResult(test, TestOutcome.Passed, null, Output(test, ran), [])
        {
            Started = ran[0].Result.Started ?? boot.Started,
            Duration = ran.Aggregate(TimeSpan.Zero, (sum, s) => sum + s.Result.Duration),
        };
        foreach (var step in ran)
        {
            if (Failure(step, request, boot) is var (code, message, log))
            {
                return result with { Outcome = TestOutcome.Failed, Code = code, Message = message, Output = step.Result.Text, KernelLog = log };
            }
        }

        return ran.Length == steps.Count ? result : result with { Outcome = TestOutcome.NotExecuted };
    }

    private static string Output(TestCase test, Done[] ran) => test.Script is not null
        ? string.Concat(ran.Select(s => s.Result.Text))
        : test.Remark is { } remark ? $"{remark}\n{string.Concat(ran.Where(s => s.Planned.Expectation == StepExpectation.Refusal).SelectMany(s => s.Result.KernelLog).Select(l => l.Text + "\n"))}" : "";

    /// <summary>What is wrong with one step; null where nothing is.</summary>
    private static (string Code, string Message, IReadOnlyList<KernelLogLine> Log)? Failure(Done step, TestRunRequest request, GuestResult boot)
    {
        var (planned, result) = (step.Planned, step.Result);
        if (result.ExitCode is null)
        {
            return ("KLP0825", Ending(boot, request), [.. boot.KernelLog.TakeLast(LinesOfLog)]);
        }

        var maySayNoByTrouble = planned.Expectation == StepExpectation.NoOrTrouble;
        if (!maySayNoByTrouble && result.KernelLog.FirstOrDefault(l => l.IsTrouble) is { } trouble)
        {
            return ("KLP0822", $"The kernel reported trouble: {trouble.Text}", Excerpt(result.KernelLog));
        }

        if (Answer(step) is { } answer)
        {
            var code = result.ExitCode == TestSteps.Stalled && IsTransition(planned) ? "KLP0824" : planned.Case?.Script is null ? "KLP0821" : "KLP0820";
            return (code, answer, [.. result.KernelLog.TakeLast(LinesOfLog)]);
        }

        return step.NewTaints.Length == 0 || maySayNoByTrouble ? null
            : ("KLP0823", $"The kernel is tainted now: {step.NewTaints}.", [.. result.KernelLog.TakeLast(LinesOfLog)]);
    }

    /// <summary>What is wrong with a step's exit status; null where it is what was expected.</summary>
    private static string? Answer(Done step)
    {
        var (status, planned) = (step.Result.ExitCode ?? 0, step.Planned);
        var isNo = status is >= 1 and <= 125;
        var isKilled = status == 137 && step.Result.Duration + TimeSpan.FromSeconds(2) >= planned.Step.Timeout;
        var late = isKilled ? string.Create(CultureInfo.InvariantCulture, $" It was stopped after {planned.Step.Timeout.TotalSeconds:0} seconds.") : "";
        return planned.Expectation switch
        {
            StepExpectation.Success when status == 0 => null,
            StepExpectation.No when isNo => null,
            StepExpectation.NoOrTrouble when isNo || step.Result.KernelLog.Any(l => l.IsTrouble) => null,
            StepExpectation.Refusal when status != 0 && step.Result.KernelLog.Any(l => l.Text.Contains("refusing to load module", StringComparison.Ordinal)) => null,
            _ when IsTransition(planned) => Transition(status, planned),
            StepExpectation.No or StepExpectation.NoOrTrouble when status == 0 => "It passed, and it is expected to fail.",
            StepExpectation.No or StepExpectation.NoOrTrouble => $"It is expected to fail, and did not come to it: its exit status is {status}.{late}",
            _ when planned.Failure.Length > 0 => planned.Failure + late,
            _ => $"Its exit status is {status}.{late}",
        };
    }

    private static bool IsTransition(PlannedStep step) => step.Step.Role == GuestStepRole.Required && step.Failure.Length == 0;

    private static string Transition(int status, PlannedStep step) => status switch
    {
        TestSteps.NoPatch => "The module is loaded, but the kernel has no patch of its name: it enabled none.",
        TestSteps.Refused => "The kernel did not do it.",
        TestSteps.Stalled => "The transition was not over in time. The tasks below, with their stacks, hold it up: they sleep in a function that the patch replaces.",
        _ => $"The step ended with status {status}.",
    };

    private static string Ending(GuestResult boot, TestRunRequest request) => boot.Verdict switch
    {
        GuestVerdict.Panicked => "The kernel panicked.",
        GuestVerdict.TimedOut => string.Create(CultureInfo.InvariantCulture, $"The machine was not done after {request.Guest.Timeout.TotalSeconds:0} seconds and was stopped (KlpGuestTimeout)."),
        _ => "QEMU ended before the test did.",
    };

    private static string Obstacle(Done[] steps, GuestResult boot)
    {
        var failed = Array.Find(steps, s => s.Result.Ran && (s.Result.ExitCode is null || (s.Result.ExitCode != 0 && s.Planned.Step.Role == GuestStepRole.Required)));
        return failed is null ? boot.Verdict == GuestVerdict.Finished ? "the steps before it were not done." : "the machine did not get that far."
            : failed.Result.ExitCode is null ? $"the machine ended in the step '{failed.Planned.Step.Name}'."
            : $"the step '{failed.Planned.Step.Name}' failed. {failed.Planned.Failure} {failed.Result.Text.Trim()}".TrimEnd();
    }

    private static IReadOnlyList<KernelLogLine> Excerpt(IReadOnlyList<KernelLogLine> log)
    {
        var first = log.Index().First(l => l.Item.IsTrouble).Index;
        return [.. log.Skip(first - LinesBefore).Take(LinesOfLog)];
    }

    private sealed class Done(PlannedStep planned, GuestStepResult result)
    {
        public PlannedStep Planned => planned;

        public GuestStepResult Result => result;

        public string NewTaints { get; set; } = "";
    }
}
