using Klp.Base;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>Symbols of vmlinux from a System.map, in ascending address as the kernel's table has them.</summary>
internal static class SystemMapSource
{
    /// <summary>Any real kernel has tens of thousands.</summary>
    private const int FewestLines = 1000;

    /// <summary>Debian and others ship one line in place of the map, so that it is no help to attackers.</summary>
    public static bool IsStub(ReadOnlySpan<byte> text) => text.Length < 4096 && text.IndexOf("The real System.map is in"u8) >= 0;

    /// <summary>Null with KLP0301 where this is no System.map.</summary>
    public static SymbolTables? Read(ReadOnlySpan<byte> text, string path, DiagnosticBag diagnostics)
    {
        var (lines, bad) = TextSymbols.Parse(text);
        if (bad > 0 || lines.Count < FewestLines)
        {
            diagnostics.Error(
                "KLP0301", new SourcePlace(path, bad),
                bad > 0 ? "This line is no System.map line (address, type letter, name)." : $"This System.map has only {lines.Count} symbols; a kernel has tens of thousands.",
                "Give the System.map that the kernel build wrote, or the kernel image itself, which has the same symbols.");
            return null;
        }

        var init = TextSymbols.Range(lines, "__init_begin", "__init_end");
        var percpu = TextSymbols.Range(lines, "__per_cpu_start", "__per_cpu_end");
        var builder = new ObjectSymbolsBuilder(lines.Count);
        foreach (var line in lines.Where(l => KallsymsFilter.Keeps(l.Name, l.Type)).OrderBy(l => l.Address))
        {
            builder.Add(line.Name, line.Address, line.Type, IsIn(init, line.Address) && !IsIn(percpu, line.Address) ? SymbolFlags.Init : 0);
        }

        return new SymbolTables
        {
            Objects = new Dictionary<string, ObjectSymbols> { [ObjectName.Vmlinux] = ObjectSymbols.Open(ObjectName.Vmlinux, builder.Build())! },
            Description = "a System.map",
            Limits = "which kernel it is of (nothing in it says so), C file names, which functions ftrace can hook, modules",
        };
    }

    internal static bool IsIn((ulong Start, ulong End)? range, ulong address) => range is { } r && address >= r.Start && address < r.End;
}
