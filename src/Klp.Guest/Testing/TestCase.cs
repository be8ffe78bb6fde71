namespace Klp.Guest;

/// <summary>One test, with a result of its own.</summary>
/// <param name="Class">The module's name, and for a script its phase: <c>fix.Loaded</c>.</param>
/// <param name="Name">Unique in its class.</param>
/// <param name="Cycle">The load of the patch that it belongs to.</param>
public sealed record TestCase(string Class, string Name, TestCycle Cycle)
{
    /// <summary>What <c>FullyQualifiedName</c> means in a filter.</summary>
    public string FullName => Class + "." + Name;

    /// <summary>Its script; null for a test that every patch has.</summary>
    public TestScript? Script { get; init; }

    /// <summary>Why it is not run; null where it is.</summary>
    public string? Skipped { get; init; }

    /// <summary>What its result means, for the report.</summary>
    public string? Remark { get; init; }
}
