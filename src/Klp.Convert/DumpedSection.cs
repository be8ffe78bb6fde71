namespace Klp.Conversion;

/// <summary>One livepatch relocation section.</summary>
/// <param name="Object">The object whose loading writes it; null where the name has none.</param>
/// <param name="BaseName">The section it changes; null where sh_info is out of range.</param>
public sealed record DumpedSection(int Index, string Name, string? Object, string? BaseName, int BaseIndex, ulong Flags, IReadOnlyList<DumpedRelocation> Relocations);
