using System.Globalization;

namespace Klp.Guest;

/// <summary>The numbers of a test run.</summary>
public sealed record TestSummary(int Passed, int Failed, int NotExecuted, TimeSpan Duration)
{
    public int Total => Passed + Failed + NotExecuted;

    public static TestSummary Of(IReadOnlyList<TestResult> results, TimeSpan duration) => new(
        results.Count(r => r.Outcome == TestOutcome.Passed), results.Count(r => r.Outcome == TestOutcome.Failed), results.Count(r => r.Outcome == TestOutcome.NotExecuted), duration);

    /// <summary>The line that ends <c>dotnet test</c> of any project.</summary>
    public string ToLine(string file, string framework) => string.Create(CultureInfo.InvariantCulture,
        $"{(Failed > 0 ? "Failed! " : Passed > 0 ? "Passed! " : "Skipped!")} - Failed: {Failed,5}, Passed: {Passed,5}, Skipped: {NotExecuted,5}, Total: {Total,5}, Duration: {TestTime.Of(Duration)} - {file} ({framework})");
}
