namespace Klp.Symbols;

/// <summary>What one source gave: the symbols of one or more objects, and what the source is.</summary>
internal sealed record SymbolTables
{
    /// <summary>The objects, normalised names.</summary>
    public required IReadOnlyDictionary<string, ObjectSymbols> Objects { get; init; }

    /// <summary>Release of the kernel the source is of, where it says so.</summary>
    public string? Release { get; init; }

    /// <summary>Hexadecimal build-id, where the source has one.</summary>
    public string? BuildId { get; init; }

    /// <summary>What kind of source it is and what it knows, for people: <c>kernel image (bzImage, xz), 94,266 symbols</c>.</summary>
    public required string Description { get; init; }

    /// <summary>What this source cannot know; empty where it knows all.</summary>
    public string Limits { get; init; } = "";
}
