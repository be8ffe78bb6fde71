using Klp.Elf;

namespace Klp.Symbols;

/// <summary>Which function or variable of an object a place belongs to; sorted at the first question, for a hostile file may have many of both.</summary>
internal sealed class PlacedSymbols(ElfFile file)
{
    private readonly Lazy<Dictionary<(SymbolType Type, int Section), ElfSymbol[]>> _symbols = new(() => file.Symbols
        .Where(s => s.Type is SymbolType.Function or SymbolType.Object && s.IsInSection)
        .GroupBy(s => (s.Type, (int)s.SectionIndex))
        .ToDictionary(g => g.Key, g => g.OrderBy(s => s.Value).ThenBy(s => s.Size).ThenByDescending(s => s.Name.StartsWith("__", StringComparison.Ordinal)).ToArray()));

    /// <summary>The function that starts exactly there.</summary>
    public string? FunctionAt(int section, ulong offset) => Last(SymbolType.Function, section, offset) is { } symbol && symbol.Value == offset ? symbol.Name : null;

    /// <summary>The variable that covers the place.</summary>
    public ElfSymbol? VariableAt(int section, ulong offset) =>
        Last(SymbolType.Object, section, offset) is { } symbol && offset - symbol.Value < symbol.Size ? symbol : null;

    /// <summary>The last symbol that starts at or before the place; of several at one address the largest.</summary>
    private ElfSymbol? Last(SymbolType type, int section, ulong offset)
    {
        if (!_symbols.Value.TryGetValue((type, section), out var symbols))
        {
            return null;
        }

        var (low, high) = (0, symbols.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = symbols[middle].Value <= offset ? (middle + 1, high) : (low, middle);
        }

        return low == 0 ? null : symbols[low - 1];
    }
}
