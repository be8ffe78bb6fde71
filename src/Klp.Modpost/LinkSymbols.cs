using Klp.Base;
using Klp.Elf;

namespace Klp.Modpost;

/// <summary>Joins the inputs' symbol tables: locals file by file, globals once each, definitions before references.</summary>
internal sealed class LinkSymbols(IReadOnlyList<ElfFile> files, LinkPiece?[][] pieces, ElfFile output, LinkInput input, DiagnosticBag diagnostics)
{
    private readonly uint[][] _newIndex = [.. files.Select(f => new uint[f.Symbols.Count])];
    private readonly Dictionary<LinkedSection, uint> _sectionSymbols = [];
    private readonly Dictionary<string, (ElfSymbol Symbol, uint Index)> _globals = new(StringComparer.Ordinal);

    /// <summary>The output's index of an input symbol; 0 for one that was thrown away with its section.</summary>
    public uint NewIndex(int file, uint symbol) => _newIndex[file][symbol];

    /// <summary>The section symbol of an output section.</summary>
    public uint SectionSymbol(LinkedSection section) => _sectionSymbols[section];

    public void Join(IReadOnlyList<LinkedSection> sections)
    {
        foreach (var section in sections)
        {
            _sectionSymbols[section] = (uint)output.AddSymbol(new ElfSymbol { Name = "", Type = SymbolType.Section, SectionIndex = (ushort)section.Index });
        }

        foreach (var (f, file) in files.Index())
        {
            for (var i = 1; i < file.Symbols.Count; i++)
            {
                var symbol = file.Symbols[i];
                _newIndex[f][i] = symbol switch
                {
                    { Type: SymbolType.Section } => pieces[f][symbol.SectionIndex < pieces[f].Length ? symbol.SectionIndex : 0]?.Output is { } to ? _sectionSymbols[to] : 0,
                    { Binding: SymbolBinding.Local } => Moved(f, symbol) is { } local ? (uint)output.AddSymbol(local) : 0,
                    _ => Moved(f, symbol) is { } global ? JoinGlobal(global) : 0,
                };
            }
        }

        foreach (var section in sections)
        {
            DefineScriptSymbols(section);
        }
    }

    private ElfSymbol? Moved(int file, ElfSymbol symbol)
    {
        var moved = new ElfSymbol
        {
            Name = symbol.Name,
            Value = symbol.Value,
            Size = symbol.Size,
            Binding = symbol.Binding,
            Type = symbol.Type,
            Other = symbol.Other,
            SectionIndex = symbol.SectionIndex,
        };
        if (!symbol.IsInSection)
        {
            return moved;
        }

        if (pieces[file][symbol.SectionIndex] is not { Output: { } section } piece)
        {
            return null;
        }

        moved.SectionIndex = (ushort)section.Index;
        moved.Value += piece.Offset;
        return moved;
    }

    private uint JoinGlobal(ElfSymbol symbol)
    {
        if (!_globals.TryGetValue(symbol.Name, out var known))
        {
            var index = (uint)output.AddSymbol(symbol);
            _globals.Add(symbol.Name, (symbol, index));
            return index;
        }

        var before = known.Symbol;
        var visibility = MostHidden(before.Other, symbol.Other);
        if (!symbol.IsUndefined && !before.IsUndefined && symbol.Binding != SymbolBinding.Weak && before.Binding != SymbolBinding.Weak)
        {
            diagnostics.Error("KLP0582", input.MergedFile, $"'{symbol.Name}' is defined twice: in the module's sources and in its module record.", "Rename the one in the sources; the name belongs to the module record.");
        }
        else if (before.IsUndefined && !symbol.IsUndefined || before.Binding == SymbolBinding.Weak && symbol.Binding != SymbolBinding.Weak && before.IsUndefined == symbol.IsUndefined)
        {
            (before.Value, before.Size, before.Type, before.SectionIndex, before.Binding) = (symbol.Value, symbol.Size, symbol.Type, symbol.SectionIndex, symbol.Binding);
            before.Other = symbol.Other;
        }

        before.Other = (byte)(before.Other & ~3 | visibility);
        return known.Index;
    }

    // STV_INTERNAL 1, STV_HIDDEN 2, STV_PROTECTED 3, STV_DEFAULT 0: the strictest wins, and default is the least strict.
    private static int MostHidden(byte a, byte b) => (a & 3, b & 3) switch
    {
        (0, var other) => other,
        (var other, 0) => other,
        var (x, y) => Math.Min(x, y),
    };

    private void DefineScriptSymbols(LinkedSection section)
    {
        foreach (var (name, offset, onlyIfReferenced) in section.Symbols)
        {
            var isReferenced = _globals.TryGetValue(name, out var known);
            if (onlyIfReferenced && !(isReferenced && known.Symbol.IsUndefined))
            {
                continue;
            }

            if (isReferenced)
            {
                (known.Symbol.SectionIndex, known.Symbol.Value, known.Symbol.Binding) = ((ushort)section.Index, offset, SymbolBinding.Global);
            }
            else
            {
                JoinGlobal(new ElfSymbol { Name = name, Binding = SymbolBinding.Global, SectionIndex = (ushort)section.Index, Value = offset });
            }
        }
    }
}
