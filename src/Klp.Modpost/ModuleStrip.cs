using Klp.Base;
using Klp.Elf;
using Klp.Kernel;

namespace Klp.Modpost;

/// <summary>
/// Strips a finished module without harm, and knows one that GNU strip, objcopy or a linker has harmed: those rename livepatch relocation
/// sections, clear their flag or make livepatch symbols absolute, and say nothing.
/// </summary>
public static class ModuleStrip
{
    // GNU strip also clears SHF_INFO_LINK where it does no other harm; the kernel does not look at that one.
    private const SectionFlags NeededFlags = SectionFlags.Alloc | LivepatchFormat.RelocationFlag;

    /// <summary>Takes debug data out. A harmed module is made anew from <paramref name="unstripped"/>, the same module before the harm.</summary>
    /// <param name="module">Changed in place where it is sound.</param>
    /// <param name="file">For messages.</param>
    /// <param name="unstripped">Null where there is none; changed in place where it is used.</param>
    /// <returns>The stripped module; null with KLP0584 (another module) or KLP0585 (harmed beyond repair).</returns>
    public static ElfFile? Apply(ElfFile module, string file, ElfFile? unstripped, string? unstrippedFile, DiagnosticBag diagnostics)
    {
        if (unstripped is not null && OtherContent(module, unstripped) is { } section)
        {
            diagnostics.Error("KLP0584", unstrippedFile, $"This is not the unstripped form of {Path.GetFileName(file)}: section {section} differs.", "Give the module as the build made it, from the same build.");
            return null;
        }

        if (unstripped is null && ReportHarm(module, file, diagnostics))
        {
            return null;
        }

        if (unstripped is not null && Harm(unstripped) is { Count: > 0 } same)
        {
            diagnostics.Error("KLP0585", unstrippedFile, "This module has been changed by another tool as well; nothing can be repaired from it.", "Build the module again.", same);
            return null;
        }

        var result = unstripped ?? module;
        if (!result.Trailer.IsEmpty)
        {
            diagnostics.Information("KLP0586", new SourcePlace(file), "The module's signature was removed: it signs the unstripped bytes.", "Sign the stripped module.");
        }

        DebugStrip.Apply(result);
        return result;
    }

    /// <summary>KLP0585 where another tool has broken a converted module; nothing that is made from it could be right.</summary>
    public static bool ReportHarm(ElfFile module, string file, DiagnosticBag diagnostics)
    {
        var harm = Harm(module);
        if (harm.Count > 0)
        {
            diagnostics.Error("KLP0585", file,
                "Another tool (strip, objcopy, ld) has changed this livepatch: its livepatch symbols or relocation sections are no longer marked, or no longer fit together, and the kernel would refuse it or run into wild code.",
                "Give the module as the build made it: klp strip --unstripped ORIGINAL.ko. Keep packaging from stripping it (rpm: %global __strip /bin/true; Debian: dh_strip -X.ko).", harm);
        }

        return harm.Count > 0;
    }

    /// <summary>What other tools did to a converted module, one line each; empty for a sound one.</summary>
    public static IReadOnlyList<string> Harm(ElfFile module)
    {
        var harm = module.Symbols.Where(s => s.Name.StartsWith(LivepatchFormat.SymbolPrefix, StringComparison.Ordinal) && !s.IsUndefined && s.SectionIndex != LivepatchFormat.SymbolSectionIndex)
            .Select(s => $"symbol {s.Name} is in section 0x{s.SectionIndex:x} where 0x{LivepatchFormat.SymbolSectionIndex:x} marks a livepatch symbol").ToList();
        var lostSymbols = LivepatchSymbolsWithoutRelocation(module);
        foreach (var (_, section) in module.RelocationSections())
        {
            var isNamed = section.Name.StartsWith(LivepatchFormat.SectionPrefix, StringComparison.Ordinal);
            if (isNamed && (section.Flags & NeededFlags) != NeededFlags)
            {
                harm.Add($"section {section.Name} has flags 0x{(ulong)section.Flags:x} and lacks some of 0x{(ulong)NeededFlags:x}");
            }
            else if (LivepatchFormat.IsLivepatchRelocation(section) && module.RelocationsOf(section).Count(r => module.SymbolOf(r)?.SectionIndex != LivepatchFormat.SymbolSectionIndex) is > 0 and var stale)
            {
                // GNU strip takes these sections for plain bytes: it renumbers the symbols and leaves the numbers here as they were.
                harm.Add($"section {section.Name} has {stale} relocations whose symbol numbers name no livepatch symbol");
            }
            else if (!LivepatchFormat.IsLivepatchRelocation(section) && IsForLoaded(module, section) && module.RelocationsOf(section).Exists(r => module.SymbolOf(r)?.SectionIndex == LivepatchFormat.SymbolSectionIndex))
            {
                harm.Add($"section {section.Name} has relocations for livepatch symbols and is not marked as a livepatch section");
            }
            else if (lostSymbols && IsForLoaded(module, section) && module.RelocationsOf(section).Exists(r => r is { SymbolIndex: 0, Type: not 0 }))
            {
                harm.Add($"section {section.Name} has relocations without a symbol, and livepatch symbols have no relocation");
            }
        }

        return harm;
    }

    // GNU strip may forget a livepatch symbol's number when it renames the section: its relocations then name symbol 0.
    private static bool LivepatchSymbolsWithoutRelocation(ElfFile module)
    {
        var used = module.RelocationSections().SelectMany(s => module.RelocationsOf(s.Section)).Select(r => r.SymbolIndex).ToHashSet();
        return module.Symbols.Index().Any(s => s.Item.SectionIndex == LivepatchFormat.SymbolSectionIndex && !used.Contains((uint)s.Index));
    }

    private static bool IsForLoaded(ElfFile module, ElfSection relocations) =>
        relocations.Info < (uint)module.Sections.Count && module.Sections[(int)relocations.Info].IsAlloc;

    // Strip keeps every loaded byte, so the loaded sections say whether two files are one module.
    private static string? OtherContent(ElfFile module, ElfFile unstripped)
    {
        static Dictionary<string, byte[]> Loaded(ElfFile file) => file.Sections.Where(s => s.IsAlloc && !s.HasRelocations && !s.Name.StartsWith(LivepatchFormat.SectionPrefix, StringComparison.Ordinal))
            .GroupBy(s => s.Name).ToDictionary(g => g.Key, g => g.SelectMany(s => s.Data.ToArray()).ToArray());
        var (mine, theirs) = (Loaded(module), Loaded(unstripped));
        return mine.Keys.Union(theirs.Keys).Order(StringComparer.Ordinal).FirstOrDefault(n => !mine.TryGetValue(n, out var m) || !theirs.TryGetValue(n, out var t) || !m.AsSpan().SequenceEqual(t));
    }
}
