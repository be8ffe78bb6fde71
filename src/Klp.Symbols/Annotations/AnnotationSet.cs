namespace Klp.Symbols;

/// <summary>Everything annotations of any generation say in one module, and what of it must not reach the output.</summary>
public sealed record AnnotationSet
{
    /// <summary>Several for one symbol are possible where the author repeats or contradicts himself.</summary>
    public required IReadOnlyList<SymbolAnnotation> Symbols { get; init; }

    /// <summary>Contents of <c>__klp_relocs</c>.</summary>
    public required IReadOnlyList<PlacedRelocation> Relocations { get; init; }

    /// <summary>Indices of sections that hold only annotations.</summary>
    public required IReadOnlySet<int> Sections { get; init; }

    /// <summary>Symbols that stand for a place whose relocation is listed in <c>__klp_relocs</c>: relocations against them become none.</summary>
    public required IReadOnlySet<int> Tombstones { get; init; }

    /// <summary>Symbols whose annotation cannot be read and has been reported: not to be reported again as unknown.</summary>
    public required IReadOnlySet<int> Unreadable { get; init; }
}
