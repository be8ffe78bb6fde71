using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;

namespace Klp.Conversion;

/// <summary>
/// What makes a module a livepatch, as tables: those of Documentation/livepatch/module-elf-format.rst, for people and for JSON.
/// </summary>
public sealed record KlpDump
{
    /// <summary>The <c>livepatch</c> field of modinfo; null where there is none.</summary>
    public string? LivepatchInfo { get; init; }

    /// <summary>All of modinfo, in order.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Modinfo { get; init; }

    public required IReadOnlyList<DumpedSection> Sections { get; init; }

    public required IReadOnlyList<DumpedSymbol> Symbols { get; init; }

    /// <summary>Undefined symbols that the module loader resolves from exports.</summary>
    public required IReadOnlyList<string> Imports { get; init; }

    /// <summary>What is patched, where the module's tables can be read.</summary>
    public required PatchModel Patch { get; init; }

    /// <summary>Reads any module, converted or not; what cannot be read is left out.</summary>
    public static KlpDump Of(ElfFile module, LivepatchLayout layout)
    {
        var sections = new List<DumpedSection>();
        var uses = new Dictionary<uint, int>();
        var architecture = Architecture.For(module.Machine);
        foreach (var (index, section) in module.RelocationSections().Where(s => LivepatchFormat.IsLivepatchRelocation(s.Section)))
        {
            var relocations = module.RelocationsOf(section);
            foreach (var relocation in relocations)
            {
                uses[relocation.SymbolIndex] = uses.GetValueOrDefault(relocation.SymbolIndex) + 1;
            }

            sections.Add(new DumpedSection(index, section.Name, LivepatchFormat.ObjectOfSection(section.Name), section.Info < (uint)module.Sections.Count ? module.Sections[(int)section.Info].Name : null, (int)section.Info, (ulong)section.Flags,
                [.. relocations.Select(r => new DumpedRelocation(r.Offset, r.Type, architecture?.NameOf(r.Type) ?? $"{r.Type}", r.SymbolIndex, module.SymbolOf(r)?.Name ?? "(no such symbol)", r.Addend))]));
        }

        var symbols = module.Symbols.Index().Where(s => s.Item.SectionIndex == LivepatchFormat.SymbolSectionIndex)
            .Select(s => (s.Index, s.Item, Parsed: LivepatchSymbolName.Parse(s.Item.Name)))
            .Select(s => new DumpedSymbol(s.Index, s.Item.Name, s.Parsed?.Object, s.Parsed?.Name, s.Parsed?.Position, $"{s.Item.Binding}", $"{s.Item.Type}", uses.GetValueOrDefault((uint)s.Index)));
        var modinfo = ReadModinfo(module);
        return new KlpDump
        {
            LivepatchInfo = modinfo.FirstOrDefault(m => m.Key == "livepatch").Value,
            Modinfo = modinfo,
            Sections = sections,
            Symbols = [.. symbols],
            Imports = [.. module.Symbols.Skip(1).Where(s => s.IsUndefined && s.Name.Length > 0).Select(s => s.Name)],
            Patch = PatchModel.Read(module, layout, LineTable.Read(module), new Base.DiagnosticBag()),
        };
    }

    private static List<KeyValuePair<string, string>> ReadModinfo(ElfFile module)
    {
        var text = System.Text.Encoding.Latin1.GetString((module.FindSection(".modinfo")?.Data ?? default).Span);
        return [.. text.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(e => e.Split('=', 2)).Where(p => p.Length == 2).Select(p => KeyValuePair.Create(p[0], p[1]))];
    }
}
