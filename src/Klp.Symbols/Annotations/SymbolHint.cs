namespace Klp.Symbols;

/// <summary>What a project's <c>KlpSymbolHint</c> item says of one undefined symbol: where the C source does not.</summary>
/// <param name="Symbol">The name as the C source uses it.</param>
/// <param name="Object">The object that defines it.</param>
/// <param name="Position">Null or 0: unique there; n: its n-th occurrence.</param>
public sealed record SymbolHint(string Symbol, string Object, ulong? Position)
{
    /// <summary>Where the hint is written, for messages about it; null where that is no file.</summary>
    public string? File { get; init; }
}
