namespace Klp.Guest;

/// <summary>One step of a test boot and the test it counts for.</summary>
/// <param name="Case">Null for a preparation: where it fails, what comes after it does not run.</param>
public sealed record PlannedStep(GuestStep Step, TestCase? Case, StepExpectation Expectation = StepExpectation.Success)
{
    /// <summary>What went wrong when it fails, in the user's terms.</summary>
    public string Failure { get; init; } = "";
}
