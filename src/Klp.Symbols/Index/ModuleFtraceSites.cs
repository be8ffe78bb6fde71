using System.Runtime.InteropServices;
using Klp.Elf;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>
/// Ftrace's call sites of a module, by section: what the relocations of <c>__mcount_loc</c> (or <c>__patchable_function_entries</c>) point at.
/// </summary>
/// <remarks>
/// Which section ftrace reads is the architecture's choice (FTRACE_CALLSITE_SECTION, include/linux/module.h): x86 and s390 have <c>__mcount_loc</c>.
/// x86 kernels with call padding have the other one too; it lists the padding in front of functions and is none of ftrace's.
/// </remarks>
internal sealed class ModuleFtraceSites
{
    private readonly Dictionary<int, List<ulong>> _sites = [];
    private readonly FtraceSitePlaces _places;
    private readonly ElfFile _file;
    private Dictionary<int, List<ulong>>? _starts;

    private ModuleFtraceSites(ElfFile file) => (_file, _places) = (file, FtraceSitePlaces.Of(file.Machine));

    public static ModuleFtraceSites Of(ElfFile file)
    {
        var result = new ModuleFtraceSites(file);
        var hasPatchableEntries = file.Machine is not (ElfMachine.X86_64 or ElfMachine.S390);
        foreach (var (_, relocations) in file.RelocationSections())
        {
            var target = relocations.Info < (uint)file.Sections.Count ? file.Sections[(int)relocations.Info].Name : "";
            if (target != "__mcount_loc" && !(hasPatchableEntries && target == "__patchable_function_entries"))
            {
                continue;
            }

            foreach (var relocation in file.RelocationsOf(relocations))
            {
                if (file.SymbolOf(relocation) is { IsInSection: true } symbol)
                {
                    result.SitesOf(symbol.SectionIndex).Add(symbol.Value + (ulong)relocation.Addend);
                }
            }
        }

        foreach (var sites in result._sites.Values)
        {
            sites.Sort();
        }

        return result;
    }

    /// <summary>Whether ftrace can hook the function that starts here.</summary>
    public bool IsInside(int section, ulong start, ulong size) =>
        _sites.TryGetValue(section, out var sites) && _places.HasEntry(CollectionsMarshal.AsSpan(sites), start, size);

    /// <summary>
    /// Whether the kernel may take another site for its: it knows no sizes, so the function reaches to the next symbol (kernel/module/kallsyms.c, find_kallsyms_symbol).
    /// </summary>
    public bool HasStray(int section, ulong start)
    {
        if (!_sites.TryGetValue(section, out var sites))
        {
            return false;
        }

        // Where the site is the first instruction, as nearly always, the next symbol is not asked for.
        var span = CollectionsMarshal.AsSpan(sites);
        return _places.HasStray(span, start, ulong.MaxValue / 2) && _places.HasStray(span, start, NextAfter(section, start) - start);
    }

    private ulong NextAfter(int section, ulong start)
    {
        _starts ??= Starts();
        var starts = _starts[section];
        var index = starts.BinarySearch(start + 1);
        index = index < 0 ? ~index : index;
        return index < starts.Count ? starts[index] : Math.Max(start, _file.Sections[section].Size);
    }

    private Dictionary<int, List<ulong>> Starts()
    {
        var starts = _sites.Keys.ToDictionary(section => section, _ => new List<ulong>());
        foreach (var symbol in _file.Symbols)
        {
            if (symbol.IsInSection && symbol.Name.Length > 0 && !symbol.Name.StartsWith('$') && starts.TryGetValue(symbol.SectionIndex, out var list))
            {
                list.Add(symbol.Value);
            }
        }

        foreach (var list in starts.Values)
        {
            list.Sort();
        }

        return starts;
    }

    private List<ulong> SitesOf(int section)
    {
        if (!_sites.TryGetValue(section, out var sites))
        {
            _sites.Add(section, sites = []);
        }

        return sites;
    }
}
