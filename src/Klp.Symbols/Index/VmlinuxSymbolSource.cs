using Klp.Base;
using Klp.Elf;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>
/// Symbols of an ELF vmlinux: its embedded table for what the kernel sees, its symbol table for the C files (STT_FILE). Without an embedded table
/// the symbol table alone is used, filtered and ordered as the kernel build does it.
/// </summary>
internal static class VmlinuxSymbolSource
{
    /// <summary>Null with an ELF error, KLP0241 or KLP0312 where it has neither table, KLP0864 where it is not linked.</summary>
    public static SymbolTables? Read(ReadOnlyMemory<byte> bytes, string path, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var problems = new DiagnosticBag();
        var image = KernelImage.Read(bytes, path, problems, cancellation);
        if (!ElfFile.IsElf(bytes.Span) || ElfFile.Read(bytes, path, problems) is not { Symbols.Count: > 1 } file)
        {
            // Stripped, or no vmlinux at all but an image: what is embedded is all there is.
            if (image is null)
            {
                diagnostics.AddRange(problems);
            }

            return image is null ? null : ImageSymbolSource.Read(image);
        }

        var sources = SourceFiles(file);
        if (image is not null)
        {
            return ImageSymbolSource.Read(image, (address, name) => sources.GetValueOrDefault((address, name))) with
            {
                Description = "a vmlinux with its embedded table and its symbol table",
            };
        }

        if (file.Type == ElfType.Relocatable)
        {
            diagnostics.Error(
                "KLP0864", path, "This is a relocatable object (a module, or vmlinux.o before its last link), not a kernel: its symbols have no addresses yet, and are not the kernel's.",
                "Give the linked vmlinux, or the kernel's image.");
            return null;
        }

        return FromSymbolTable(file, sources);
    }

    /// <summary>STT_FILE entries say the C file of the local symbols behind them; globals come last and have none.</summary>
    private static Dictionary<(ulong Address, string Name), string> SourceFiles(ElfFile file)
    {
        var sources = new Dictionary<(ulong, string), string>();
        string? current = null;
        foreach (var symbol in file.Symbols)
        {
            if (symbol.Type == SymbolType.File)
            {
                current = symbol.Name.Length > 0 ? symbol.Name : null;
            }
            else if (symbol.Binding == SymbolBinding.Local && current is not null && symbol.IsInSection)
            {
                sources.TryAdd((symbol.Value, symbol.Name), current);
            }
        }

        return sources;
    }

    private static SymbolTables FromSymbolTable(ElfFile file, Dictionary<(ulong, string), string> sources)
    {
        var byName = file.Symbols.Where(s => s.IsInSection && s.Binding != SymbolBinding.Local).GroupBy(s => s.Name).ToDictionary(g => g.Key, g => g.First().Value);
        (ulong Start, ulong End)? Range(string start, string end) =>
            byName.TryGetValue(start, out var from) && byName.TryGetValue(end, out var to) && from < to ? (from, to) : null;
        var init = Range("__init_begin", "__init_end");
        var percpu = Range("__per_cpu_start", "__per_cpu_end");
        var builder = new ObjectSymbolsBuilder(file.Symbols.Count);
        foreach (var symbol in file.Symbols.Where(s => s.Type is not (SymbolType.File or SymbolType.Section) && s.Name.Length > 0).OrderBy(s => s.Value))
        {
            var section = file.SectionOf(symbol);
            var type = NmType.Of(symbol.Binding, symbol.Type, symbol.SectionIndex, section?.Type ?? SectionType.Null, section?.Flags ?? 0);
            if (KallsymsFilter.Keeps(symbol.Name, type))
            {
                var isInit = SystemMapSource.IsIn(init, symbol.Value) && !SystemMapSource.IsIn(percpu, symbol.Value);
                builder.Add(symbol.Name, symbol.Value, type, isInit ? SymbolFlags.Init : 0, 0, sources.GetValueOrDefault((symbol.Value, symbol.Name)));
            }
        }

        return new SymbolTables
        {
            Objects = new Dictionary<string, ObjectSymbols> { [ObjectName.Vmlinux] = ObjectSymbols.Open(ObjectName.Vmlinux, builder.Build())! },
            Description = "a vmlinux's symbol table",
            Limits = "which functions ftrace can hook",
        };
    }
}
