namespace Klp.Elf;

public sealed partial class ElfFile
{
    /// <summary>Appends a section and returns its index. Existing indices do not change.</summary>
    public int AddSection(ElfSection section)
    {
        Sections.Add(section);
        return Sections.Count - 1;
    }

    /// <summary>Appends a symbol and returns its index. Call <see cref="SortSymbols"/> once when a local one may stand behind a global one.</summary>
    public int AddSymbol(ElfSymbol symbol)
    {
        Symbols.Add(symbol);
        return Symbols.Count - 1;
    }

    /// <summary>Puts local symbols before all others, as the gABI wants, keeping the order within both; every relocation and group follows.</summary>
    public void SortSymbols()
    {
        var order = Symbols.Index().OrderBy(s => s.Index != 0).ThenBy(s => s.Item.Binding != SymbolBinding.Local).Select(s => s.Index).ToList();
        if (order.SequenceEqual(Enumerable.Range(0, Symbols.Count)))
        {
            return;
        }

        var newIndex = new uint[Symbols.Count];
        foreach (var (to, from) in order.Index())
        {
            newIndex[from] = (uint)to;
        }

        var sorted = order.ConvertAll(i => Symbols[i]);
        Symbols.Clear();
        Symbols.AddRange(sorted);
        Renumbering.Symbols(this, newIndex);
    }

    /// <summary>
    /// Removes symbols; relocations that name one are removed with it, groups signed by one are dissolved.
    /// </summary>
    public void RemoveSymbols(Func<int, ElfSymbol, bool> remove) => Removal.Apply(this, new bool[Sections.Count], Chosen(Symbols, remove));

    /// <summary>
    /// Removes sections with their relocation sections, the sections that are ordered by them (SHF_LINK_ORDER) and the symbols defined in them;
    /// every remaining index follows. A relocation elsewhere against a removed symbol is removed with it: see to it before if that matters.
    /// </summary>
    public void RemoveSections(Func<int, ElfSection, bool> remove) => Removal.Apply(this, Chosen(Sections, remove), new bool[Symbols.Count]);

    /// <summary>Forgets recorded places and rebuilds the string tables from the names in use; the file is then laid out anew.</summary>
    public void Compact()
    {
        foreach (var section in Sections)
        {
            section.RecordedOffset = 0;
        }

        _recordedHeaderOffset = 0;
        ForgetSymbolNames();
        ForgetSectionNames();
        if (SymbolTableIndex is not 0 and var table && Sections[table].Link < (uint)Sections.Count)
        {
            Sections[(int)Sections[table].Link].Data = new byte[1];
        }

        if (SectionNamesIndex != 0)
        {
            Sections[SectionNamesIndex].Data = new byte[1];
        }
    }

    private static bool[] Chosen<T>(List<T> items, Func<int, T, bool> choose)
    {
        var chosen = new bool[items.Count];
        for (var index = 1; index < items.Count; index++)
        {
            chosen[index] = choose(index, items[index]);
        }

        return chosen;
    }

    private void ForgetSymbolNames()
    {
        foreach (var symbol in Symbols)
        {
            symbol.RecordedName = null;
        }
    }

    private void ForgetSectionNames()
    {
        foreach (var section in Sections)
        {
            section.RecordedName = null;
        }
    }
}
