using Klp.Elf;
using Klp.Kernel;

namespace Klp.Conversion;

/// <summary>
/// x86 kernels from 4.9 to 5.7 apply a module's alternatives before its livepatch relocations are written. Entries whose instructions hold such
/// relocations move to <c>.klp.arch.object..altinstructions</c> and <c>..parainstructions</c>, which the kernel reads when the object loads.
/// </summary>
/// <remarks>
/// Source: arch/x86/kernel/livepatch.c (4.9 to 5.7; the second dot is the base section's own), struct alt_instr and struct paravirt_patch_site of those kernels.
/// Proved by structure only: no kernel that old is booted by the tests.
/// </remarks>
internal static class ArchSections
{
    /// <param name="Name">The section whose entries may have to wait.</param>
    /// <param name="EntrySize">Bytes.</param>
    /// <param name="Sites">Offsets in an entry of the pointers to instructions, each with the offset of the byte that tells their length.</param>
    private sealed record Table(string Name, int EntrySize, (int Pointer, int Length)[] Sites);

    private static readonly Table[] s_tables =
    [
        // s32 instruction, s32 replacement, u16 feature, u8 length, u8 length of the replacement, u8 padding length; packed.
        new(".altinstructions", 13, [(0, 10), (4, 11)]),
        // pointer, u8 type, u8 length; aligned to the pointer.
        new(".parainstructions", 16, [(0, 9)]),
    ];

    public static void Split(ElfFile module)
    {
        var late = LatePlaces(module);
        if (late.Count == 0)
        {
            return;
        }

        foreach (var table in s_tables)
        {
            var index = module.IndexOf(table.Name);
            if (index > 0 && module.Sections[index].Type == SectionType.ProgBits)
            {
                SplitTable(module, index, table, late);
            }
        }
    }

    /// <summary>Every place a livepatch relocation writes to, with its object.</summary>
    private static ILookup<int, (ulong Offset, string Object)> LatePlaces(ElfFile module) => module.RelocationSections()
        .Where(s => LivepatchFormat.IsLivepatchRelocation(s.Section) && LivepatchFormat.ObjectOfSection(s.Section.Name) is not null)
        .SelectMany(s => module.RelocationsOf(s.Section).Select(r => (Base: (int)s.Section.Info, r.Offset, Object: LivepatchFormat.ObjectOfSection(s.Section.Name)!)))
        .ToLookup(p => p.Base, p => (p.Offset, p.Object));

    private static void SplitTable(ElfFile module, int index, Table table, ILookup<int, (ulong Offset, string Object)> late)
    {
        var section = module.Sections[index];
        var relocationSections = module.RelocationSectionsFor(index).Where(s => !LivepatchFormat.IsLivepatchRelocation(s)).ToList();
        var relocations = relocationSections.SelectMany(module.RelocationsOf).ToList();
        var entries = section.Data.Length / table.EntrySize;
        var objects = new string?[entries];
        for (var entry = 0; entry < entries; entry++)
        {
            objects[entry] = ObjectOf(module, section, table, entry, relocations, late);
        }

        if (Array.TrueForAll(objects, o => o is null))
        {
            return;
        }

        foreach (var name in objects.OfType<string>().Distinct().ToList())
        {
            var part = Part(section, table, relocations, [.. Enumerable.Range(0, entries).Where(e => objects[e] == name)]);
            var copy = new ElfSection
            {
                Name = LivepatchFormat.ArchPrefix + name + "." + table.Name,
                Type = section.Type,
                Flags = section.Flags,
                Data = part.Data,
                Alignment = section.Alignment,
                EntrySize = section.EntrySize,
            };
            var added = module.AddSection(copy);
            var relocationSection = new ElfSection
            {
                Name = ".rela" + copy.Name,
                Type = SectionType.RelocationWithAddend,
                Flags = SectionFlags.InfoLink,
                Link = (uint)module.SymbolTableIndex,
                Info = (uint)added,
                Alignment = 8,
                EntrySize = ElfRelocation.EntrySize,
            };
            module.SetRelocations(relocationSection, part.Relocations);
            module.AddSection(relocationSection);
        }

        var rest = Part(section, table, relocations, [.. Enumerable.Range(0, entries).Where(e => objects[e] is null)]);
        section.Data = rest.Data;
        foreach (var (number, relocationSection) in relocationSections.Index())
        {
            module.SetRelocations(relocationSection, number == 0 ? rest.Relocations : []);
        }
    }

    /// <summary>The object whose relocations are written inside the entry's instructions; null where there are none.</summary>
    private static string? ObjectOf(ElfFile module, ElfSection section, Table table, int entry, List<ElfRelocation> relocations, ILookup<int, (ulong Offset, string Object)> late)
    {
        var start = entry * table.EntrySize;
        foreach (var (pointer, lengthAt) in table.Sites)
        {
            var at = relocations.FindIndex(r => r.Offset == (ulong)(start + pointer));
            if (at < 0 || module.SymbolOf(relocations[at]) is not { IsInSection: true } symbol)
            {
                continue;
            }

            var site = symbol.Value + (ulong)relocations[at].Addend;
            var length = section.Data.Span[start + lengthAt];
            if (late[symbol.SectionIndex].FirstOrDefault(p => p.Offset >= site && p.Offset - site < length) is { Object: { } name })
            {
                return name;
            }
        }

        return null;
    }

    private static (byte[] Data, List<ElfRelocation> Relocations) Part(ElfSection section, Table table, List<ElfRelocation> relocations, List<int> entries)
    {
        var data = new List<byte>(entries.Count * table.EntrySize);
        var kept = new List<ElfRelocation>();
        foreach (var entry in entries)
        {
            var start = (ulong)(entry * table.EntrySize);
            kept.AddRange(relocations.Where(r => r.Offset >= start && r.Offset - start < (ulong)table.EntrySize).Select(r => r with { Offset = r.Offset - start + (ulong)data.Count }));
            data.AddRange(section.Data.Span.Slice(entry * table.EntrySize, table.EntrySize));
        }

        return ([.. data], kept);
    }
}
