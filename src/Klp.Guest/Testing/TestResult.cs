namespace Klp.Guest;

/// <summary>What one test did.</summary>
/// <param name="Message">What went wrong, or why it did not run; null where it passed.</param>
/// <param name="Output">What its script printed, or what there is to say of it.</param>
/// <param name="KernelLog">Lines of the kernel's log that a failure needs.</param>
public sealed record TestResult(TestCase Case, TestOutcome Outcome, string? Message, string Output, IReadOnlyList<KernelLogLine> KernelLog)
{
    /// <summary>KLP0820 to KLP0826 for one that failed; each has a page that says what to do.</summary>
    public string? Code { get; init; }

    public DateTimeOffset Started { get; init; }

    public TimeSpan Duration { get; init; }
}
