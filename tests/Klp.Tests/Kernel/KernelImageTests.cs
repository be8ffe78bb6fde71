using System.Text;
using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Kernel;

/// <summary>What distributions ship, read: the release, the symbol table and ftrace's sites of real images.</summary>
public sealed class KernelImageTests
{
    public static IEnumerable<object[]> Releases => Kernels.NewestOfEachSeries;

    [Theory]
    [MemberData(nameof(Releases))]
    public void A_distribution_kernel_tells_its_release_and_every_symbol(string release)
    {
        var image = Load(release);
        Assert.Equal(release, image.Release);
        Assert.Equal(20, image.BuildId!.Length);
        Assert.Equal(ElfMachine.X86_64, image.Machine);
        Assert.InRange(image.Kallsyms.Count, 80_000, 400_000);
        var shown = Assert.Single(image.Kallsyms.IndicesOf("cmdline_proc_show"));
        Assert.Equal('t', image.Kallsyms.TypeOf(shown));
        Assert.Equal('T', image.Kallsyms.TypeOf(Assert.Single(image.Kallsyms.IndicesOf("_text"))));
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Every_export_of_the_build_tree_is_in_the_table(string release)
    {
        var kernel = Kernels.ByRelease(release);
        var names = Names(Load(release).Kallsyms);
        var exports = File.ReadLines(Path.Combine(kernel.BuildDirectory, "Module.symvers")).Select(l => l.Split('\t')).Where(f => f[2] == "vmlinux").Select(f => f[1]).ToList();
        Assert.InRange(exports.Count, 5_000, 100_000);
        Assert.DoesNotContain(exports, e => !names.Contains(e));
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Ftrace_can_hook_ordinary_functions_and_nothing_else(string release)
    {
        var image = Load(release);
        foreach (var name in new[] { "cmdline_proc_show", "meminfo_proc_show", "do_idle", "vfs_read" })
        {
            Assert.True(HasSite(image, name), name);
        }

        // Assembly, notrace functions and data have none.
        foreach (var name in new[] { "__fentry__", "entry_SYSCALL_64", "sched_clock", "memcpy", "saved_command_line", "jiffies" })
        {
            Assert.False(HasSite(image, name), name);
        }

        Assert.InRange(image.Ftrace!.Count, 30_000, 100_000);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Init_functions_are_known_as_such(string release)
    {
        var image = Load(release);
        Assert.True(IsInit(image, "start_kernel"));
        Assert.True(IsInit(image, "proc_cmdline_init"));
        Assert.False(IsInit(image, "cmdline_proc_show"));
        Assert.False(IsInit(image, "init_task"));
    }

    /// <summary>The package's own build tool writes a table of our symbols; what is read from it must be what went in.</summary>
    [Theory]
    [MemberData(nameof(Releases))]
    public async Task What_the_kernels_own_table_writer_writes_is_read_back(string release)
    {
        using var folder = new TemporaryFolder();
        var symbols = new SyntheticKernel(SyntheticLayout.PlainOffsets615, functions: 900).Symbols.Where(s => s.Address < SyntheticKernel.Text + 0x600000).ToList();
        var map = folder.Write("symbols.map", string.Concat(symbols.Select(s => $"{s.Address:x16} {s.Type} {s.Name}\n")));
        var tool = Path.Combine(Kernels.ByRelease(release).BuildDirectory, "scripts", "kallsyms");
        var help = await RunAsync(tool, [], folder.Path);
        string[] options = help.Contains("--base-relative", StringComparison.Ordinal) ? ["--all-symbols", "--absolute-percpu", "--base-relative"] : ["--all-symbols", "--absolute-percpu"];
        var source = folder.Write("table.S", await RunAsync(tool, [.. options, map], folder.Path));
        var table = Path.Combine(folder.Path, "table.elf");
        await RunAsync("gcc", ["-nostdlib", "-static", "-x", "assembler-with-cpp", "-DCONFIG_64BIT", "-I", folder.Path, "-I", WriteHeader(folder), $"-Wl,--defsym=_text=0x{SyntheticKernel.Text:x}", "-Wl,-e0", "-Wl,--build-id=none", "-o", table, source], folder.Path);

        var diagnostics = new DiagnosticBag();
        var image = KernelImage.Load(table, diagnostics);
        Assert.True(image is not null, diagnostics.ToString());
        var decoded = Enumerable.Range(0, image.Kallsyms.Count).Select(i => new SyntheticSymbol(image.Kallsyms.AddressOf(i), image.Kallsyms.TypeOf(i), image.Kallsyms.NameOf(i)));
        Assert.Equal(symbols, decoded);
    }

    private static string WriteHeader(TemporaryFolder folder)
    {
        folder.Write("include/asm/bitsperlong.h", "#define BITS_PER_LONG 64\n");
        return Path.Combine(folder.Path, "include");
    }

    private static async Task<string> RunAsync(string program, string[] arguments, string directory)
    {
        var diagnostics = new DiagnosticBag();
        var environment = CleanEnvironment.Create();
        var path = ProcessRunner.FindOnPath(program, environment["PATH"], directory);
        Assert.True(path is not null, $"{program} is not on this machine");
        var result = await ProcessRunner.RunAsync(new ProcessRequest(path, arguments, directory, environment), diagnostics, CancellationToken.None);
        Assert.True(result is not null, diagnostics.ToString());
        Assert.True(result.ExitCode == 0 || arguments.Length == 0, result.StandardError);
        return arguments.Length == 0 ? result.StandardError : result.StandardOutput;
    }

    internal static KernelImage Load(string release)
    {
        var diagnostics = new DiagnosticBag();
        var image = KernelImage.Load(Kernels.ByRelease(release).ImageFile, diagnostics);
        Assert.True(image is not null, diagnostics.ToString());
        return image;
    }

    private static HashSet<string> Names(KallsymsTable table) => [.. Enumerable.Range(0, table.Count).Select(table.NameOf)];

    private static bool HasSite(KernelImage image, string name)
    {
        var table = image.Kallsyms;
        var index = Assert.Single(table.IndicesOf(name));
        var next = index;
        while (next < table.Count && table.AddressOf(next) == table.AddressOf(index))
        {
            next++;
        }

        return image.Ftrace!.IsInside(table.AddressOf(index), next < table.Count ? table.AddressOf(next) - table.AddressOf(index) : 0);
    }

    private static bool IsInit(KernelImage image, string name) => image.IsInit(image.Kallsyms.AddressOf(Assert.Single(image.Kallsyms.IndicesOf(name))));
}
