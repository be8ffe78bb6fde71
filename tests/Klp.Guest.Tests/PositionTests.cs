using System.Globalization;
using System.Text;
using Klp.Base;
using Klp.Guest;
using Klp.Kernel;
using Klp.Symbols;
using Klp.TestKit;
using Xunit;

namespace Klp.Guest.Tests;

/// <summary>
/// Positions against the running kernel: one patch holds a table of pointers to homonyms, each named by object, name and position; what the kernel
/// put there is the address that the index says. Half of the modules load before the patch, half after it.
/// </summary>
public class PositionTests
{
    private static readonly string[] Early = ["mac80211", "sctp"];
    private static readonly string[] Late = ["ext4", "ocfs2"];

    /// <summary>libcrc32c asks the crypto layer for it by name, which modprobe learns from a softdep.</summary>
    private const string SoftDependency = "crc32c_generic";

    public static IEnumerable<object[]> NewestOfEachSeries => Kernels.NewestOfEachSeries;

    [Theory]
    [MemberData(nameof(NewestOfEachSeries))]
    public async Task Every_position_is_the_symbol_that_the_running_kernel_finds(string release)
    {
        var kernel = Kernels.ByRelease(release);
        var vmlinux = Spread(Homonyms(kernel, ObjectName.Vmlinux).Where(s => s.Address >= 0xffffffff80000000), 560);
        var modules = Early.Concat(Late).ToDictionary(m => m, m => Homonyms(kernel, m).Where(s => SectionName(kernel, s) != ".data..percpu").ToList());
        Assert.True(vmlinux.Count >= 500 && modules.Values.Sum(m => m.Count) >= 500 && modules.Values.All(m => m.Count >= 50), "There are too few homonyms to prove anything.");

        using var project = SdkProject.Patch(kernel);
        project.Write("fix.c", Source(vmlinux, modules));
        project.Build().Succeeded();
        var text = await RunAsync(kernel, project.Module(kernel));
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var found = lines.Where(l => !l.Contains(':')).Select(l => ulong.Parse(l, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToList();
        var sections = lines.Select(l => l.Split(':')).Where(p => p.Length == 2)
            .ToDictionary(p => p[0], p => ulong.Parse(p[1].AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        var asked = vmlinux.Concat(modules.Values.SelectMany(m => m)).ToList();

        Assert.Equal(asked.Count, found.Count);
        var wrong = asked.Zip(found)
            .Select(p => (Symbol: p.First, Found: p.Second, Expected: p.First.Address + (p.First.Object == ObjectName.Vmlinux ? 0 : sections[$"/sys/module/{p.First.Object}/sections/{SectionName(kernel, p.First)}"])))
            .Where(p => p.Found != p.Expected)
            .Select(p => $"{p.Symbol.Object}.{p.Symbol.Name},{p.Symbol.Position} of {p.Symbol.Count}: the kernel has {p.Found:x}, the index {p.Expected:x}");
        Assert.Empty(wrong);
    }

    /// <summary>Every symbol that shares its name, and that one position names whenever its module came.</summary>
    private static IEnumerable<KernelSymbol> Homonyms(TestKernel kernel, string objectName) =>
        FinishedModule.IndexOf(kernel).All(objectName, new DiagnosticBag()).Where(s => s is { Count: > 1, IsInit: false, IsTimingDependent: false });

    private static string SectionName(TestKernel kernel, KernelSymbol symbol) =>
        Files.GetOrAdd((kernel.Release, symbol.Object), _ => FinishedModule.IndexOf(kernel).Modules!.Load(symbol.Object, new DiagnosticBag())!).Sections[symbol.SectionIndex].Name;

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<(string, string), Elf.ElfFile> Files = new();

    private static List<T> Spread<T>(IEnumerable<T> all, int count)
    {
        var list = all.ToList();
        return [.. Enumerable.Range(0, Math.Min(count, list.Count)).Select(i => list[(int)((long)i * list.Count / Math.Min(count, list.Count))])];
    }

    /// <summary>Tables in memory that may be written and, for they are volatile, stays so.</summary>
    private static string Source(IReadOnlyList<KernelSymbol> vmlinux, IReadOnlyDictionary<string, List<KernelSymbol>> modules)
    {
        var text = new StringBuilder("#include <linux/seq_file.h>\n#include <klp/patch.h>\n#include <klp/relocs.h>\n");
        foreach (var (name, symbols) in modules.Select(m => (m.Key, (IReadOnlyList<KernelSymbol>)m.Value)).Prepend((ObjectName.Vmlinux, vmlinux)))
        {
            for (var i = 0; i < symbols.Count; i++)
            {
                text.Append(CultureInfo.InvariantCulture, $"extern char {name}_{i}[] KLP_RELOC_NAME({name}, {name}, \"{symbols[i].Name}\", {symbols[i].Position});\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"static char *volatile {name}_table[] = {{ {string.Join(", ", symbols.Select((_, i) => $"{name}_{i}"))} }};\n");
        }

        // A callback makes a module an object of the patch without replacing anything of it.
        text.AppendJoin("", modules.Keys.Select(m => $"KLP_PRE_PATCH({m}, object) {{ return 0; }}\n"));
        text.Append("KLP_FUNC(vmlinux, cmdline_proc_show, int, struct seq_file *m, void *v)\n{\n\tint i;\n\n");
        text.AppendJoin("", modules.Keys.Prepend(ObjectName.Vmlinux).Select(o => $"\tfor (i = 0; i < ARRAY_SIZE({o}_table); i++)\n\t\tseq_printf(m, \"%px\\n\", {o}_table[i]);\n"));
        return text.Append("\treturn 0;\n}\n\nKLP_MODULE(\"GPL\");\n").ToString();
    }

    private static async Task<string> RunAsync(TestKernel kernel, string moduleFile)
    {
        var diagnostics = new DiagnosticBag();
        var store = KernelModules.Open(kernel.ModulesDirectory, diagnostics)!;
        GuestModule[] Closure(string[] names) => [.. names.SelectMany(n => TargetModules.Closure(n, store, diagnostics)!).DistinctBy(m => m.Name)];
        var request = new PatchRunRequest
        {
            Module = new GuestModule("fix", await File.ReadAllBytesAsync(moduleFile)),
            ModuleFile = moduleFile,
            Guest = Machine.Request(kernel) with { KernelOptions = ["nokaslr"], Memory = 768, Timeout = TimeSpan.FromMinutes(6) },
            LoadBefore = Closure([SoftDependency, .. Early]),
            LoadAfter = Closure(Late),
            // In one read each: the kernel gives such a file away whole or not at all.
            Command = $"cat /proc/cmdline; for module in {string.Join(' ', Early.Concat(Late))}; do grep -H . /sys/module/$module/sections/* /sys/module/$module/sections/.[a-z_]*; done",
        };
        // Below 6.2 each look-up in vmlinux walks the whole compressed table.
        var steps = PatchRun.Steps(request).Select(s => s with { Timeout = TimeSpan.FromMinutes(4) }).ToArray();
        var result = await GuestRunner.RunAsync(request.Guest with { Steps = steps, Modules = PatchRun.Modules(request) }, diagnostics, CancellationToken.None);
        if (result is not null)
        {
            PatchRun.Judge(request, result, result.Steps, diagnostics);
        }

        Assert.Empty(diagnostics);
        return result![PatchRun.Command].Text;
    }
}
