using System.Text.RegularExpressions;
using Klp.Elf;
using Klp.Symbols;

namespace Klp.TestKit;

/// <summary>What every converted module must be, whatever it was made from. Throws with the sentence that is broken.</summary>
public static partial class OutputContract
{
    public static void Check(ElfFile before, ElfFile after, SymbolPlan plan)
    {
        Must(before.Flags == after.Flags && before.Machine == after.Machine && before.ByteOrder == after.ByteOrder && before.Type == after.Type, "the ELF header's identity is kept");
        var (first, last) = (after.Symbols.FindIndex(1, s => s.Binding != SymbolBinding.Local), after.Symbols.FindLastIndex(s => s.Binding == SymbolBinding.Local));
        Must(first < 0 || last < first, "local symbols stand before all others");
        Must(after.SymbolTableIndex == 0 || after.Sections[after.SymbolTableIndex].Info == (uint)(last + 1), "sh_info of the symbol table is the first global");
        CheckSections(after);
        CheckSymbols(after);
        CheckRelocations(before, after, plan);
        if (plan.AnnotationSections.Count == 0)
        {
            foreach (var (index, section) in before.Sections.Index())
            {
                Must(after.Sections[index].Name == section.Name && after.Sections[index].Flags == section.Flags, $"section {index} {section.Name} keeps its index and flags");
            }
        }
    }

    private static void CheckSections(ElfFile after)
    {
        foreach (var section in after.Sections.Where(s => s.Name.StartsWith(".klp.rela.", StringComparison.Ordinal)))
        {
            Must((ulong)section.Flags == 0x100042, $"{section.Name} has the flags 0x100042");
            Must(section.Type == SectionType.RelocationWithAddend && section.EntrySize == 24 && section.Alignment == 8 && section.Address == 0, $"{section.Name} is a relocation section of 24-byte entries");
            Must(section.Link == (uint)after.SymbolTableIndex, $"{section.Name} links to the symbol table");
            Must(section.Info > 0 && section.Info < (uint)after.Sections.Count && after.Sections[(int)section.Info].IsAlloc, $"{section.Name} changes a section that is loaded");
            var target = after.Sections[(int)section.Info].Name;
            Must(section.Name.EndsWith(target.StartsWith('.') ? target : "." + target, StringComparison.Ordinal), $"{section.Name} ends in the name of the section it changes");
            Must(section.Size % 24 == 0 && section.Size > 0, $"{section.Name} has whole entries");
            foreach (var relocation in after.RelocationsOf(section))
            {
                Must(after.SymbolOf(relocation)?.SectionIndex == 0xff20, $"every entry of {section.Name} names a livepatch symbol");
                Must(relocation.Offset < after.Sections[(int)section.Info].Size, $"every entry of {section.Name} lies in its section");
            }
        }

        Must(!after.Sections.Exists(s => s.Name.StartsWith(".klp.module_relocs", StringComparison.Ordinal) || s.Name.StartsWith("__klp_relocs", StringComparison.Ordinal)), "annotation sections are gone");
        foreach (var group in after.Sections.Where(s => s.Type == SectionType.Group))
        {
            Must(group.Link == (uint)after.SymbolTableIndex && group.Info < (uint)after.Symbols.Count, "a section group names a symbol of the table");
        }
    }

    private static void CheckSymbols(ElfFile after)
    {
        foreach (var symbol in after.Symbols)
        {
            var named = symbol.Name.StartsWith(".klp.", StringComparison.Ordinal);
            Must(named == (symbol.SectionIndex == 0xff20), $"{symbol} is a livepatch symbol by name and by section index, or by neither");
            Must(!named || LivepatchName().IsMatch(symbol.Name) && LivepatchSymbolName.Parse(symbol.Name)?.ToString() == symbol.Name, $"{symbol.Name} has the kernel's form");
            Must(!named || symbol is { Value: 0, Size: 0 }, $"{symbol.Name} has no value and no size");
        }
    }

    /// <summary>Nothing is lost or changed: every relocation of a loaded section stands somewhere, with its offset, type and addend, in the old order.</summary>
    private static void CheckRelocations(ElfFile before, ElfFile after, SymbolPlan plan)
    {
        if (plan.Placed.Count > 0 || plan.Tombstones.Count > 0 || before.Sections.Exists(s => s.Name.StartsWith(".klp.", StringComparison.Ordinal) && !s.Name.StartsWith(".klp.module_relocs", StringComparison.Ordinal)))
        {
            return;
        }

        foreach (var (index, section) in before.Sections.Index().Where(s => s.Item.IsAlloc && s.Item.Type == SectionType.ProgBits && !plan.AnnotationSections.Contains(s.Index)))
        {
            // What module.lds discards is in no finished module; the plan passes over it.
            if (before.Sections.Count(s => s.Name == section.Name) > 1 || SectionRules.IsDiscarded(section.Name) || section.Name is ".altinstructions" or ".parainstructions")
            {
                continue;
            }

            var now = after.IndexOf(section.Name);
            var old = before.RelocationSectionsFor(index).SelectMany(before.RelocationsOf).Select(r => (r.Offset, r.Type, r.Addend)).ToList();
            var lists = after.RelocationSectionsFor(now).Select(s => after.RelocationsOf(s).Select(r => (r.Offset, r.Type, r.Addend)).ToList()).ToList();
            Must(old.Order().SequenceEqual(lists.SelectMany(l => l).Order()), $"the relocations of {section.Name} are the same as before");
            var places = old.Index().GroupBy(o => o.Item).ToDictionary(g => g.Key, g => g.First().Index);
            Must(lists.TrueForAll(l => l.Select(r => places[r]).SequenceEqual(l.Select(r => places[r]).Order())), $"the relocations of {section.Name} keep their order");
        }
    }

    private static void Must(bool condition, string rule)
    {
        if (!condition)
        {
            throw new InvalidOperationException("The converted module breaks a rule: " + rule + ".");
        }
    }

    [GeneratedRegex(@"^\.klp\.sym\.[^.]{1,55}\.[^,]{1,511},[0-9]+$")]
    private static partial Regex LivepatchName();
}
