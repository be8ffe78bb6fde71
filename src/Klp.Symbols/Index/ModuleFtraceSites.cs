using Klp.Elf;

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
    /// <summary>How far inside and in front of a function its site may stand; see <see cref="Kernel.FtraceSites"/>.</summary>
    private const ulong FarthestInside = 16;
    private const ulong FarthestBefore = 8;

    private readonly Dictionary<int, List<ulong>> _sites = [];
    private readonly ulong _before;

    private ModuleFtraceSites(bool isArm64) => _before = isArm64 ? FarthestBefore : 0;

    public static ModuleFtraceSites Of(ElfFile file)
    {
        var result = new ModuleFtraceSites(file.Machine == ElfMachine.AArch64);
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

    public bool IsInside(int section, ulong start, ulong size)
    {
        if (!_sites.TryGetValue(section, out var sites))
        {
            return false;
        }

        var index = sites.BinarySearch(start - Math.Min(start, _before));
        index = index < 0 ? ~index : index;
        return index < sites.Count && sites[index] < start + Math.Clamp(size, 1, FarthestInside + 1);
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
