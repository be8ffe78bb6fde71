namespace Klp.Conversion;

/// <summary>One livepatch symbol.</summary>
/// <param name="Name">As in the symbol table.</param>
/// <param name="Object">Its parts; all null where the kernel could not read the name.</param>
/// <param name="Uses">Number of livepatch relocations that name it.</param>
public sealed record DumpedSymbol(int Index, string Name, string? Object, string? Symbol, ulong? Position, string Binding, string Type, int Uses);
