namespace Klp.Conversion;

/// <summary>Which entry of the symbol table stands for (symbol, section object) after the split.</summary>
internal sealed class SymbolMap
{
    private readonly Dictionary<(int Symbol, string SectionObject), uint> _entries = [];

    public void Add(int symbol, string sectionObject, int entry) => _entries[(symbol, sectionObject)] = (uint)entry;

    public uint IndexFor(int symbol, string sectionObject) => _entries.TryGetValue((symbol, sectionObject), out var entry) ? entry : (uint)symbol;
}
