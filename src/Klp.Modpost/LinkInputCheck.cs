using Klp.Base;
using Klp.Elf;

namespace Klp.Modpost;

/// <summary>What the linker relies on in its inputs, checked before anything is computed from them.</summary>
internal static class LinkInputCheck
{
    private const ulong LargestAlignment = 1 << 20;
    private const ulong LargestSection = 1 << 30;

    public static bool Check(IReadOnlyList<ElfFile> files, string name, DiagnosticBag diagnostics)
    {
        var problems = files.SelectMany(f => Problems(f, files[0])).Distinct().Take(20).ToList();
        if (problems.Count == 0)
        {
            return true;
        }

        diagnostics.Error("KLP0583", name, "The module's object cannot be linked: " + problems[0],
            "If the compiler wrote it so, report it; else delete the obj folder and build again.", problems.Count > 1 ? problems[1..] : null);
        return false;
    }

    private static IEnumerable<string> Problems(ElfFile file, ElfFile first)
    {
        if (file.Type != ElfType.Relocatable)
        {
            yield return $"it is an ELF file of type {(ushort)file.Type}, not a relocatable object.";
        }

        if (file.Machine != first.Machine || file.ByteOrder != first.ByteOrder)
        {
            yield return $"its machine ({file.Machine}, {file.ByteOrder}-endian) is not the kernel's ({first.Machine}, {first.ByteOrder}-endian).";
        }

        foreach (var (index, section) in file.Sections.Index())
        {
            if (section.Type == SectionType.Relocation)
            {
                yield return $"section {section.Name} holds relocations without addends, which no supported machine uses.";
            }
            else if (section.Name.StartsWith(".klp.rela.", StringComparison.Ordinal))
            {
                yield return $"it has been converted already (section {section.Name}); only an unconverted object can be linked.";
            }
            else if (section.Type == SectionType.RelocationWithAddend && Relocations(file, index, section) is { } wrong)
            {
                yield return wrong;
            }

            if (section.Alignment > LargestAlignment || (section.Alignment & (section.Alignment - 1)) != 0 || section.Size > LargestSection)
            {
                yield return $"section {section.Name} has {section.Size} bytes aligned to {section.Alignment}, which cannot be.";
            }
        }

        foreach (var (index, symbol) in file.Symbols.Index())
        {
            if (symbol.IsInSection && symbol.SectionIndex >= file.Sections.Count)
            {
                yield return $"symbol {index} ({symbol.Name}) lies in section {symbol.SectionIndex}, which does not exist.";
            }
        }
    }

    private static string? Relocations(ElfFile file, int index, ElfSection section)
    {
        if (section.Info == 0 || section.Info >= (uint)file.Sections.Count || section.Info == (uint)index || section.Data.Length % ElfRelocation.EntrySize != 0)
        {
            return $"relocation section {section.Name} belongs to section {section.Info}, which does not exist, or ends inside an entry.";
        }

        var target = file.Sections[(int)section.Info];
        foreach (var relocation in file.RelocationsOf(section))
        {
            if (file.SymbolOf(relocation) is null)
            {
                return $"a relocation in {section.Name} names symbol {relocation.SymbolIndex}, which does not exist.";
            }

            if (relocation.Offset >= target.Size)
            {
                return $"a relocation in {section.Name} changes byte {relocation.Offset:#,0} of a section of {target.Size:#,0}.";
            }
        }

        return null;
    }
}
