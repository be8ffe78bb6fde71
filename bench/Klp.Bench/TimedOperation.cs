namespace Klp.Bench;

/// <summary>One operation that times itself, and what it should stay under.</summary>
/// <param name="Limit">Seconds; null where there is none.</param>
internal sealed record TimedOperation(string Group, string Name, double? Limit, Func<Task<double>> Run)
{
    /// <summary>Another operation's name, which this one should stay near; null: none.</summary>
    public string? ReferenceName { get; init; }

    /// <summary>How near.</summary>
    public double Ratio { get; init; }
}
