namespace Klp.Symbols;

/// <summary>One relocation that moves to a livepatch relocation section.</summary>
/// <param name="RelocationSection">Index of the section it stands in now.</param>
/// <param name="Entry">Its number there.</param>
/// <param name="SymbolIndex">The symbol it names.</param>
/// <param name="SectionObject">The object whose relocation section takes it.</param>
public readonly record struct PlannedMove(int RelocationSection, int Entry, int SymbolIndex, string SectionObject);
