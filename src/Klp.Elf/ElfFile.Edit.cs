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
        RenumberSymbols(newIndex);
    }

    /// <summary>
    /// Removes symbols; relocations that name one are removed with it, groups signed by one are dissolved.
    /// </summary>
    public void RemoveSymbols(Func<int, ElfSymbol, bool> remove)
    {
        var newIndex = new uint[Symbols.Count];
        var kept = new List<ElfSymbol>(Symbols.Count);
        foreach (var (index, symbol) in Symbols.Index())
        {
            var gone = index != 0 && remove(index, symbol);
            newIndex[index] = gone ? uint.MaxValue : (uint)kept.Count;
            if (!gone)
            {
                kept.Add(symbol);
            }
        }

        if (kept.Count == Symbols.Count)
        {
            return;
        }

        Symbols.Clear();
        Symbols.AddRange(kept);
        RenumberSymbols(newIndex);
    }

    /// <summary>
    /// Removes sections with their relocation sections and the symbols defined in them; every remaining index follows.
    /// A relocation elsewhere against a removed symbol is removed with it: see to it before if that matters.
    /// </summary>
    public void RemoveSections(Func<int, ElfSection, bool> remove)
    {
        var gone = new bool[Sections.Count];
        foreach (var (index, section) in Sections.Index())
        {
            gone[index] = index != 0 && remove(index, section);
        }

        foreach (var (index, section) in Sections.Index())
        {
            gone[index] |= section.Type is SectionType.RelocationWithAddend or SectionType.Relocation && section.Info < (uint)gone.Length && gone[section.Info];
        }

        if (!gone.Contains(true))
        {
            return;
        }

        RemoveSymbols((_, symbol) => symbol.IsInSection && symbol.SectionIndex < gone.Length && gone[symbol.SectionIndex]);
        var newIndex = new uint[Sections.Count];
        var next = 0u;
        for (var index = 0; index < gone.Length; index++)
        {
            newIndex[index] = gone[index] ? 0 : next++;
        }

        RenumberSections(gone, newIndex);
    }

    /// <summary>Forgets recorded places and rebuilds the string tables from the names in use; the file is then laid out anew.</summary>
    public void Compact()
    {
        foreach (var section in Sections)
        {
            section.RecordedOffset = 0;
            section.RecordedName = null;
        }

        foreach (var symbol in Symbols)
        {
            symbol.RecordedName = null;
        }

        _recordedHeaderOffset = 0;
        _recordedSource = default;
        if (SymbolTableIndex != 0)
        {
            Sections[(int)Sections[SymbolTableIndex].Link].Data = new byte[1];
        }

        if (SectionNamesIndex != 0)
        {
            Sections[SectionNamesIndex].Data = new byte[1];
        }
    }

    private void RenumberSymbols(uint[] newIndex)
    {
        var dissolved = new List<ElfSection>();
        foreach (var section in Sections)
        {
            if (section.Type == SectionType.RelocationWithAddend)
            {
                var before = RelocationsOf(section);
                var after = before.Where(r => r.SymbolIndex >= newIndex.Length || newIndex[r.SymbolIndex] != uint.MaxValue)
                    .Select(r => r.SymbolIndex < newIndex.Length ? r with { SymbolIndex = newIndex[r.SymbolIndex] } : r).ToList();
                SetRelocations(section, after);
            }
            else if (section.Type == SectionType.Group && section.Info < newIndex.Length)
            {
                if (newIndex[section.Info] == uint.MaxValue)
                {
                    dissolved.Add(section);
                }
                else
                {
                    section.Info = newIndex[section.Info];
                }
            }
        }

        if (SymbolTableIndex != 0)
        {
            Sections[SymbolTableIndex].Info = (uint)(Symbols.FindLastIndex(s => s.Binding == SymbolBinding.Local) + 1);
        }

        RemoveSections((_, section) => dissolved.Contains(section));
    }

    private void RenumberSections(bool[] gone, uint[] newIndex)
    {
        uint Map(uint index) => index < newIndex.Length ? newIndex[index] : index;
        for (var index = Sections.Count - 1; index > 0; index--)
        {
            if (gone[index])
            {
                Sections.RemoveAt(index);
            }
        }

        foreach (var section in Sections)
        {
            section.Link = Map(section.Link);
            if (section.Type is SectionType.RelocationWithAddend or SectionType.Relocation)
            {
                section.Info = Map(section.Info);
            }
            else if (section.Type == SectionType.Group)
            {
                section.Data = RenumberGroup(section.Data.Span, gone, newIndex);
            }
        }

        foreach (var symbol in Symbols.Where(s => s.IsInSection))
        {
            symbol.SectionIndex = (ushort)Map(symbol.SectionIndex);
        }

        SectionNamesIndex = (int)Map((uint)SectionNamesIndex);
    }

    private byte[] RenumberGroup(ReadOnlySpan<byte> data, bool[] gone, uint[] newIndex)
    {
        var words = new List<uint>();
        for (var at = 0; at + 4 <= data.Length; at += 4)
        {
            var word = ByteOrder.ReadUInt32(data[at..]);
            if (at == 0 || word >= gone.Length)
            {
                words.Add(word);
            }
            else if (!gone[word])
            {
                words.Add(newIndex[word]);
            }
        }

        var result = new byte[words.Count * 4];
        foreach (var (i, word) in words.Index())
        {
            ByteOrder.WriteUInt32(result.AsSpan(i * 4), word);
        }

        return result;
    }
}
