using System.Text;
using Klp.Base;
using Klp.Elf;
using Klp.Kernel;

namespace Klp.Modpost;

/// <summary>
/// Checksums of what the module imports: <c>__versions</c> (struct modversion_info[]) and, since 6.14, <c>__version_ext_crcs</c> with <c>__version_ext_names</c>.
/// </summary>
/// <remarks>Source: scripts/mod/modpost.c add_versions, add_extended_versions; kernel/module/version.c check_version. The entry <c>module_layout</c> is mandatory and last.</remarks>
internal static class VersionTables
{
    private const string ModuleLayout = "module_layout";

    public static IEnumerable<ElfSection> Create(ModpostInput input, DiagnosticBag diagnostics)
    {
        var profile = input.Profile;
        if (!profile.IsConfigured("MODVERSIONS"))
        {
            return [];
        }

        if (input.Symvers.Find(ModuleLayout) is not { } layout)
        {
            diagnostics.Error("KLP0505", profile.BuildDirectory,
                "Module.symvers of this kernel has no checksum for module_layout, though the kernel checks versions (CONFIG_MODVERSIONS). It would refuse the module: \"no symbol version for module_layout\".",
                "Module.symvers and the tree's configuration do not belong together; install the headers package again or build the kernel completely.");
            return [];
        }

        var symbols = input.Imports.DistinctBy(i => i.Name).Append(layout).ToList();
        var extended = profile.IsConfigured("EXTENDED_MODVERSIONS");
        var basic = !extended || profile.IsConfigured("BASIC_MODVERSIONS");
        return [.. basic ? Basic(input, symbols, extended, diagnostics) : [], .. extended ? Extended(input, symbols) : []];
    }

    private static List<ElfSection> Basic(ModpostInput input, List<ExportedSymbol> symbols, bool longNamesElsewhere, DiagnosticBag diagnostics)
    {
        var (entry, crc, order) = (input.Profile.Template.ModversionEntrySize, input.Profile.Template.ModversionCrcSize, input.Profile.ByteOrder);
        if (crc is not (4 or 8) || entry <= crc + 1)
        {
            diagnostics.Error("KLP0505", input.Profile.BuildDirectory,
                $"The kernel checks versions, but its struct modversion_info was measured as {entry} bytes with a checksum of {crc}, which cannot be.", "Delete the profile cache (KlpCacheDirectory) and build again.");
            return [];
        }

        var tooLong = symbols.Where(s => Encoding.Latin1.GetByteCount(s.Name) >= entry - crc).ToList();
        if (!longNamesElsewhere)
        {
            foreach (var symbol in tooLong)
            {
                diagnostics.Error("KLP0506", input.ModuleFile,
                    $"The name of the imported symbol '{symbol.Name}' does not fit into this kernel's version table, which has room for {entry - crc - 1} characters.",
                    "Refer to it as a livepatch symbol instead (KLP_RELOC_SYMBOL of <klp/relocs.h>), which needs no version.");
            }
        }

        var kept = symbols.Except(tooLong).ToList();
        var data = new byte[kept.Count * entry];
        foreach (var (i, symbol) in kept.Index())
        {
            var to = data.AsSpan(i * entry, entry);
            if (crc == 8)
            {
                order.WriteUInt64(to, symbol.Crc);
            }
            else
            {
                order.WriteUInt32(to, symbol.Crc);
            }

            Latin1.Write(symbol.Name, to[crc..]);
        }

        // 32: what the compiler gives a large array on x86; elsewhere it keeps the type's own.
        var alignment = input.Profile.Machine == ElfMachine.X86_64 ? 32ul : 8ul;
        return [new ElfSection { Name = "__versions", Type = SectionType.ProgBits, Flags = SectionFlags.Alloc, Alignment = alignment, Data = data }];
    }

    private static List<ElfSection> Extended(ModpostInput input, List<ExportedSymbol> symbols)
    {
        var crcs = new byte[symbols.Count * 4];
        foreach (var (i, symbol) in symbols.Index())
        {
            input.Profile.ByteOrder.WriteUInt32(crcs.AsSpan(i * 4), symbol.Crc);
        }

        var names = Latin1.Bytes(string.Concat(symbols.Select(s => s.Name + "\0")) + "\0");
        return
        [
            new ElfSection { Name = "__version_ext_crcs", Type = SectionType.ProgBits, Flags = SectionFlags.Alloc, Alignment = 4, Data = crcs },
            new ElfSection { Name = "__version_ext_names", Type = SectionType.ProgBits, Flags = SectionFlags.Alloc, Alignment = 1, Data = names },
        ];
    }
}
