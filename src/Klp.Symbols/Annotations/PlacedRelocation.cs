namespace Klp.Symbols;

/// <summary>A relocation that the module lists in <c>__klp_relocs</c> and that conversion must create.</summary>
/// <param name="BaseSection">Index of the section it changes.</param>
/// <param name="SectionObject">From the list's own name; null where only the symbol tells (6.19 to 7.1).</param>
public sealed record PlacedRelocation(int BaseSection, ulong Offset, int SymbolIndex, uint Type, long Addend, string? SectionObject);
