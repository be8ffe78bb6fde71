using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;

namespace Klp.Conversion;

/// <summary>
/// Makes an ordinary object of a livepatch again, for tools that know no livepatch relocations (objdump, gdb, crash): livepatch symbols become
/// undefined ones under their own name, and their relocations go back to the section they came from. The result is for reading, not for loading.
/// </summary>
public static class Unconverter
{
    /// <summary>Works in place and returns the module; one without livepatch relocations comes back unchanged with KLP0405.</summary>
    /// <param name="file">The module's file, for messages; null where its place is known anyway.</param>
    public static ElfFile Unconvert(ElfFile module, DiagnosticBag diagnostics, string? file = null)
    {
        var livepatch = module.RelocationSections().Where(s => LivepatchFormat.IsLivepatchRelocation(s.Section) && s.Section.Info > 0 && s.Section.Info < (uint)module.Sections.Count).ToList();
        var symbols = module.Symbols.Where(s => s.SectionIndex == LivepatchFormat.SymbolSectionIndex).ToList();
        if (livepatch.Count == 0 && symbols.Count == 0)
        {
            diagnostics.Information("KLP0405", new SourcePlace(file), "The module has no livepatch relocations; there was nothing to turn back.");
            return module;
        }

        // It would sign other bytes.
        module.Trailer = default;
        foreach (var (_, section) in livepatch)
        {
            var ordinary = module.Sections.Find(s => s.HasRelocations && s.Info == section.Info && !LivepatchFormat.IsLivepatchRelocation(s));
            if (ordinary is null)
            {
                ordinary = new ElfSection
                {
                    Name = ".rela" + module.Sections[(int)section.Info].Name,
                    Type = SectionType.RelocationWithAddend,
                    Flags = SectionFlags.InfoLink,
                    Link = section.Link,
                    Info = section.Info,
                    Alignment = 8,
                    EntrySize = ElfRelocation.EntrySize,
                };
                module.AddSection(ordinary);
            }

            module.SetRelocations(ordinary, [.. module.RelocationsOf(ordinary).Concat(module.RelocationsOf(section)).OrderBy(r => r.Offset)]);
        }

        foreach (var symbol in symbols)
        {
            symbol.Name = LivepatchSymbolName.Parse(symbol.Name)?.Name ?? symbol.Name;
            symbol.SectionIndex = SpecialSection.Undefined;
        }

        var gone = livepatch.Select(s => s.Index).ToHashSet();
        module.RemoveSections((index, _) => gone.Contains(index));
        module.Compact();
        return module;
    }
}
