namespace Klp.Conversion;

/// <summary>One livepatch relocation.</summary>
public sealed record DumpedRelocation(ulong Offset, uint Type, string TypeName, uint SymbolIndex, string SymbolName, long Addend);
