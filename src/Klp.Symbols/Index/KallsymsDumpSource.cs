using Klp.Base;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>
/// Symbols from a dump of <c>/proc/kallsyms</c>: vmlinux in the kernel's order, then what was loaded. Its order is right even where the addresses were hidden.
/// </summary>
internal static class KallsymsDumpSource
{
    private const int FewestLines = 1000;

    /// <summary>Null with KLP0301 where this is no such dump; KLP0307 tells of hidden addresses, KLP0865 of an order that is not the kernel's.</summary>
    public static SymbolTables? Read(ReadOnlySpan<byte> text, string path, DiagnosticBag diagnostics)
    {
        var (lines, bad) = TextSymbols.Parse(text);
        var kernel = lines.Count(l => l.Module is null);
        if (bad > 0 || kernel < FewestLines)
        {
            diagnostics.Error(
                "KLP0301", new SourcePlace(path, bad),
                bad > 0 ? "This line is no line of /proc/kallsyms (address, type letter, name, module in brackets)." : $"This dump has only {kernel} symbols of the kernel itself; a kernel with CONFIG_KALLSYMS_ALL has tens of thousands.",
                "Make the dump on the target machine as root: cat /proc/kallsyms > kallsyms.txt");
            return null;
        }

        var isHidden = lines.TrueForAll(l => l.Address == 0);
        if (isHidden)
        {
            diagnostics.Information(
                "KLP0307", new SourcePlace(path),
                "All addresses in this dump are zero (kernel.kptr_restrict). Positions are right nevertheless: the lines are in the kernel's order.",
                "Make the dump as root to have addresses and to know init functions.");
        }

        lines = InKernelOrder(lines, path, diagnostics);
        var init = TextSymbols.Range(lines, "__init_begin", "__init_end");
        var percpu = TextSymbols.Range(lines, "__per_cpu_start", "__per_cpu_end");
        var builders = new Dictionary<string, ObjectSymbolsBuilder> { [ObjectName.Vmlinux] = new(kernel) };
        foreach (var line in lines)
        {
            var name = line.Module is null ? ObjectName.Vmlinux : ObjectName.Normalise(line.Module);
            if (IsPseudoModule(name))
            {
                continue;
            }

            if (!builders.TryGetValue(name, out var builder))
            {
                builders.Add(name, builder = new ObjectSymbolsBuilder());
            }

            var isInit = line.Module is null && SystemMapSource.IsIn(init, line.Address) && !SystemMapSource.IsIn(percpu, line.Address);
            builder.Add(line.Name, line.Address, line.Type, isInit ? SymbolFlags.Init : 0);
        }

        return new SymbolTables
        {
            Objects = builders.ToDictionary(b => b.Key, b => ObjectSymbols.Open(b.Key, b.Value.Build())!),
            Description = $"a dump of /proc/kallsyms with {builders.Count - 1} modules",
            Limits = (isHidden ? "addresses (hidden), which symbols are init, " : "") + "which kernel it is of (nothing in it says so), C file names, which functions ftrace can hook, init symbols of modules",
        };
    }

    /// <summary>The kernel lists itself by ascending address (scripts/kallsyms.c sorts). A dump that went through <c>sort</c> is put right for vmlinux, which counts by address.</summary>
    private static List<TextSymbols.Line> InKernelOrder(List<TextSymbols.Line> lines, string path, DiagnosticBag diagnostics)
    {
        var kernel = lines.Where(l => l.Module is null).ToList();
        if (kernel.Zip(kernel.Skip(1)).All(pair => pair.First.Address <= pair.Second.Address))
        {
            return lines;
        }

        diagnostics.Warning(
            "KLP0865", new SourcePlace(path),
            "The lines of this dump are not in the kernel's order (it was sorted or edited). Positions in vmlinux are counted by address and right; those in modules follow the dump's order and may be wrong.",
            "Make the dump again and leave it as it is: cat /proc/kallsyms > kallsyms.txt");
        return [.. kernel.OrderBy(l => l.Address), .. lines.Where(l => l.Module is not null)];
    }

    /// <summary>Trampolines and programs that the kernel lists as if they were modules.</summary>
    private static bool IsPseudoModule(string name) => name.StartsWith("__builtin__", StringComparison.Ordinal) || name is "bpf";
}
