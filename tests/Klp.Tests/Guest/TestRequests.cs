using Klp.Guest;
using Klp.Kernel;

namespace Klp.Tests.Guest;

/// <summary>Test runs and boots made of nothing, for what is decided without a machine.</summary>
internal static class TestRequests
{
    public static TestRunRequest Of(string module = "fix", params TestScript[] scripts) => new()
    {
        Module = new GuestModule(module, new byte[] { 1 }),
        ModuleFile = $"/bin/{module}.ko",
        Release = "6.1.0-56-amd64",
        Scripts = scripts,
        Guest = new GuestRequest { ImageFile = "/image", Steps = [], SearchPath = "", TemporaryDirectory = "/tmp" },
    };

    public static TestScript Script(string name, TestPhase phase, TestExpectation expect = TestExpectation.Pass) => new(name, phase, expect, $"/tests/{name}.sh", "true\n"u8.ToArray());

    public static TestTarget Target(string name, TargetReload reload = TargetReload.Works) =>
        new(name, [new GuestModule("needed", new byte[] { 2 }), new GuestModule(name, new byte[] { 3 })], reload);

    /// <summary>A boot that did all steps of the plan as these say; the others ended with 0.</summary>
    /// <param name="after">The step after which the machine was gone; null: it went to its end.</param>
    public static GuestResult Boot(TestPlan plan, Func<GuestStep, GuestStepResult?> results, GuestVerdict verdict = GuestVerdict.Finished)
    {
        var (failed, gone) = (false, false);
        var steps = new List<GuestStepResult>();
        foreach (var (planned, _, _) in plan.Steps)
        {
            var ran = !gone && (!failed || planned.Role == GuestStepRole.Always);
            var result = !ran ? new GuestStepResult(planned, null, default, []) : results(planned) ?? Ended(planned, 0);
            steps.Add(result);
            gone |= ran && result.ExitCode is null;
            failed |= ran && planned.Role == GuestStepRole.Required && result.ExitCode != 0;
        }

        return new GuestResult { Verdict = verdict, Steps = steps, KernelLog = [.. steps.SelectMany(s => s.KernelLog)], InitialTaints = 0, Release = "6.1.0-56-amd64" };
    }

    public static GuestStepResult Ended(GuestStep step, int? status, string output = "", string log = "", ulong taints = 0) =>
        new(step, status, System.Text.Encoding.UTF8.GetBytes(output), KernelLogLine.ParseAll(log)) { Ran = true, Taints = status is null ? null : taints, Duration = TimeSpan.FromMilliseconds(250) };
}
