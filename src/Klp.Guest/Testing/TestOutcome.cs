namespace Klp.Guest;

/// <summary>How a test ended, in the words of TRX.</summary>
public enum TestOutcome
{
    Passed,

    Failed,

    /// <summary>It could not be run, and the reason is another test's failure or a fact of the kernel.</summary>
    NotExecuted,
}
