namespace Klp.Elf;

public sealed partial class ElfFile
{
    /// <summary>Takes sections and symbols out in one step: first everything that must go with them is found, then every index is rewritten once.</summary>
    private static class Removal
    {
        public static void Apply(ElfFile file, bool[] sections, bool[] symbols)
        {
            while (Spread(file, sections, symbols))
            {
                // A group's section can take a symbol with it, a symbol its group: until nothing new follows.
            }

            FreeGroupMembers(file, sections);
            var goneSymbols = symbols.Contains(true);
            var goneSections = sections.Contains(true);
            if (goneSections)
            {
                ForgetRemovedTables(file, sections);
            }

            if (goneSymbols)
            {
                var newIndex = NewIndices(symbols);
                RemoveAll(file.Symbols, symbols);
                Renumbering.Symbols(file, newIndex);
            }

            if (goneSections)
            {
                var newIndex = NewIndices(sections);
                RemoveAll(file.Sections, sections);
                Renumbering.Sections(file, newIndex);
            }

            // Renumbered symbol indices have no meaning in this list of the linker's; without it it assumes the safe case.
            if (goneSymbols && file.Sections.Exists(s => s.Type == SectionType.LlvmAddressSignature))
            {
                file.RemoveSections((_, s) => s.Type == SectionType.LlvmAddressSignature);
            }
        }

        private static bool Spread(ElfFile file, bool[] sections, bool[] symbols)
        {
            var changed = false;
            for (var index = 1; index < sections.Length; index++)
            {
                var section = file.Sections[index];
                if (!sections[index] && (IsTiedToGone(section, sections) || (section.Type == SectionType.Group && IsGroupGone(file, section, sections, symbols))))
                {
                    sections[index] = changed = true;
                }
            }

            for (var index = 1; index < symbols.Length; index++)
            {
                var symbol = file.Symbols[index];
                if (!symbols[index] && symbol.IsInSection && symbol.SectionIndex < sections.Length && sections[symbol.SectionIndex])
                {
                    symbols[index] = changed = true;
                }
            }

            return changed;
        }

        private static bool IsTiedToGone(ElfSection section, bool[] sections) =>
            (IsRelocation(section) && section.Info < (uint)sections.Length && sections[section.Info])
            || (section.Flags.HasFlag(SectionFlags.LinkOrder) && section.Link < (uint)sections.Length && sections[section.Link]);

        /// <summary>Its signature is gone, or it has members and none is left.</summary>
        private static bool IsGroupGone(ElfFile file, ElfSection group, bool[] sections, bool[] symbols) =>
            (group.Info < (uint)symbols.Length && symbols[group.Info])
            || (MembersOf(file, group) is { Count: > 0 } members && members.TrueForAll(m => m < (uint)sections.Length && sections[m]));

        private static void FreeGroupMembers(ElfFile file, bool[] sections)
        {
            foreach (var (_, group) in file.Sections.Index().Where(s => s.Item.Type == SectionType.Group && sections[s.Index]))
            {
                foreach (var member in MembersOf(file, group).Where(m => m < (uint)file.Sections.Count))
                {
                    file.Sections[(int)member].Flags &= ~SectionFlags.Group;
                }
            }
        }

        /// <summary>Names that were recorded in a table that goes must be written into its successor.</summary>
        private static void ForgetRemovedTables(ElfFile file, bool[] sections)
        {
            if (sections[file.SectionNamesIndex])
            {
                file.ForgetSectionNames();
            }

            var table = file.SymbolTableIndex;
            if (table != 0 && sections[table])
            {
                file.Symbols.Clear();
            }
            else if (table != 0 && file.Sections[table].Link < (uint)sections.Length && sections[file.Sections[table].Link])
            {
                file.ForgetSymbolNames();
            }
        }

        private static void RemoveAll<T>(List<T> items, bool[] gone)
        {
            var index = 0;
            items.RemoveAll(_ => index++ is var at && at < gone.Length && gone[at]);
        }

        private static uint[] NewIndices(bool[] gone)
        {
            var next = 0u;
            return Array.ConvertAll(gone, g => g ? Renumbering.Gone : next++);
        }
    }

    /// <summary>Rewrites indices wherever an ELF file keeps one.</summary>
    private static class Renumbering
    {
        /// <summary>The new index of what is no more.</summary>
        public const uint Gone = uint.MaxValue;

        public static void Symbols(ElfFile file, uint[] newIndex)
        {
            foreach (var section in file.Sections)
            {
                if (section.Type == SectionType.RelocationWithAddend)
                {
                    Relocations(file, section, newIndex);
                }
                else if (section.Type == SectionType.Group && section.Info < newIndex.Length && newIndex[section.Info] != Gone)
                {
                    section.Info = newIndex[section.Info];
                }
            }

            if (file.SymbolTableIndex is not 0 and var table)
            {
                file.Sections[table].Info = file.FirstGlobalSymbol;
            }
        }

        public static void Sections(ElfFile file, uint[] newIndex)
        {
            uint Map(uint index) => index >= newIndex.Length ? index : newIndex[index] == Gone ? 0 : newIndex[index];
            foreach (var section in file.Sections)
            {
                section.Link = Map(section.Link);
                if (IsRelocation(section))
                {
                    section.Info = Map(section.Info);
                }
                else if (section.Type == SectionType.Group)
                {
                    section.Data = Group(file.ByteOrder, section.Data.Span, newIndex);
                }
            }

            foreach (var symbol in file.Symbols.Where(s => s.IsInSection))
            {
                symbol.SectionIndex = (ushort)Map(symbol.SectionIndex);
            }

            file.SectionNamesIndex = (int)Map((uint)file.SectionNamesIndex);
        }

        private static void Relocations(ElfFile file, ElfSection section, uint[] newIndex)
        {
            var changed = false;
            var kept = file.RelocationsOf(section);
            for (var i = 0; i < kept.Count; i++)
            {
                var symbol = kept[i].SymbolIndex;
                if (symbol < newIndex.Length && newIndex[symbol] != symbol)
                {
                    kept[i] = kept[i] with { SymbolIndex = newIndex[symbol] };
                    changed = true;
                }
            }

            if (changed)
            {
                // An index that was out of range before stays as it was: it is for the verifier to report, not for an edit to hide.
                kept.RemoveAll(r => r.SymbolIndex == Gone);
                file.SetRelocations(section, kept);
            }
        }

        private static byte[] Group(ByteOrder order, ReadOnlySpan<byte> data, uint[] newIndex)
        {
            var words = new List<uint>(data.Length / 4);
            for (var at = 0; at + 4 <= data.Length; at += 4)
            {
                var word = order.ReadUInt32(data[at..]);
                var isMember = at > 0 && word < newIndex.Length;
                if (!isMember || newIndex[word] != Gone)
                {
                    words.Add(isMember ? newIndex[word] : word);
                }
            }

            var result = new byte[words.Count * 4];
            foreach (var (i, word) in words.Index())
            {
                order.WriteUInt32(result.AsSpan(i * 4), word);
            }

            return result;
        }
    }

    private static bool IsRelocation(ElfSection section) => section.Type is SectionType.RelocationWithAddend or SectionType.Relocation;

    /// <summary>Section indices a group names; the first word of its data is a flag.</summary>
    private static List<uint> MembersOf(ElfFile file, ElfSection group)
    {
        var members = new List<uint>();
        for (var at = 4; at + 4 <= group.Data.Length; at += 4)
        {
            members.Add(file.ByteOrder.ReadUInt32(group.Data.Span[at..]));
        }

        return members;
    }
}
