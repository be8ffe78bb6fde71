namespace Klp.Guest;

/// <summary>What a test run on one kernel brought.</summary>
/// <param name="Results">Of every selected test, in the plan's order.</param>
/// <param name="Release">uname -r of the guest; null where it did not come up.</param>
public sealed record TestRunResult(IReadOnlyList<TestResult> Results, string? Release, bool Accelerated, DateTimeOffset Started, TimeSpan Duration)
{
    public TestSummary Summary => TestSummary.Of(Results, Duration);
}
