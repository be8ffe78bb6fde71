using Klp.Elf;

namespace Klp.TestKit;

/// <summary>
/// Holds one module against another, usually ours against kbuild's: everything the kernel loads must be the same.
/// </summary>
/// <remarks>
/// Compared: allocated sections (kind, flags, alignment, bytes), relocations by what they mean (section and place, or name), symbols of allocated
/// sections, undefined symbols, modinfo and versions without their order. Left out: the build-id, debug data and other sections that are not loaded, the order of
/// sections and symbols, groups of sections, BTF, names of the compiler's helper variables, the conversion (undone first) and the tables of the author's header.
/// </remarks>
public static class ModuleComparer
{
    /// <summary>Every difference, one line each; empty when the modules are equal.</summary>
    public static IReadOnlyList<string> Compare(ElfFile ours, ElfFile reference) => [.. Differences(new ComparableModule(ours), new ComparableModule(reference))];

    private static IEnumerable<string> Differences(ComparableModule ours, ComparableModule reference)
    {
        // An export that became a livepatch symbol has no version any more, and its owner is no dependency by it.
        var converted = ours.Livepatch.SelectMany(s => new[] { s.Object, s.Name }).ToHashSet(StringComparer.Ordinal);
        var differences = Unequal("ELF header", [ours.Header], [reference.Header])
            .Concat(Unequal("modinfo", ours.Modinfo.Select(m => WithoutDependencies(m, converted)), reference.Modinfo.Select(m => WithoutDependencies(m, converted))))
            .Concat(Unequal("version", ours.Versions, reference.Versions.Where(v => !converted.Contains(v[(v.LastIndexOf(' ') + 1)..]))))
            .Concat(Unequal("undefined symbol", ours.Undefined, reference.Undefined))
            .Concat(Unequal("symbol", ours.Defined, reference.Defined))
            .Concat(Unequal("section", ours.Sections.Keys, reference.Sections.Keys));
        foreach (var (name, mine) in ours.Sections)
        {
            if (reference.Sections.TryGetValue(name, out var theirs))
            {
                differences = differences.Concat(Unequal($"{name}: header", [mine.Header], [theirs.Header]))
                    .Concat(Bytes(name, mine.Bytes, theirs.Bytes))
                    .Concat(Unequal($"{name}: relocation", mine.Relocations, theirs.Relocations));
            }
        }

        return differences;
    }

    private static string WithoutDependencies(string modinfo, HashSet<string> converted) => modinfo.StartsWith("depends=", StringComparison.Ordinal)
        ? "depends=" + string.Join(',', modinfo["depends=".Length..].Split(',').Where(m => !converted.Contains(m))) : modinfo;

    private static IEnumerable<string> Unequal(string what, IEnumerable<string> ours, IEnumerable<string> reference)
    {
        var (mine, theirs) = (Counted(ours), Counted(reference));
        foreach (var item in mine.Keys.Union(theirs.Keys).Order(StringComparer.Ordinal))
        {
            var (m, t) = (mine.GetValueOrDefault(item), theirs.GetValueOrDefault(item));
            if (m != t)
            {
                yield return m > t ? $"only ours has {what} {item}" : $"only the reference has {what} {item}";
            }
        }
    }

    private static Dictionary<string, int> Counted(IEnumerable<string> items) => items.GroupBy(i => i).ToDictionary(g => g.Key, g => g.Count());

    private static IEnumerable<string> Bytes(string name, byte[] ours, byte[] reference)
    {
        if (ours.Length != reference.Length)
        {
            yield return $"{name}: {ours.Length} bytes, in the reference {reference.Length}";
        }

        var common = ours.AsSpan(0, Math.Min(ours.Length, reference.Length)).CommonPrefixLength(reference);
        if (common < Math.Min(ours.Length, reference.Length))
        {
            yield return $"{name}: bytes differ from 0x{common:x}: {Hex(ours, common)}, in the reference {Hex(reference, common)}";
        }
    }

    private static string Hex(byte[] bytes, int from) => Convert.ToHexStringLower(bytes.AsSpan(from, Math.Min(16, bytes.Length - from)));
}
