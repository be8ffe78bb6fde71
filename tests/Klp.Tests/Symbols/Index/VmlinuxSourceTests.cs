using System.Globalization;
using Klp.Base;
using Klp.Kernel;
using Klp.Symbols;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Symbols.Index;

/// <summary>A linked ELF with its symbol table, as a debug package's vmlinux: C files are known; nm is the judge of addresses and order.</summary>
public sealed class VmlinuxSourceTests : IDisposable
{
    private const string Source = """
        #define A(n) __attribute__((noinline, used)) static int n(int x) { return x * __LINE__ + sizeof(#n); }
        __attribute__((noinline, used)) static int homonym(int x) { return x + TAG; }
        static int counter = TAG;
        int *GLOBAL(int x) { counter += homonym(x); return &counter; }
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly DiagnosticBag _diagnostics = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Homonyms_have_the_C_file_they_are_from()
    {
        var index = Open(await LinkAsync(null));
        var found = index.Find("vmlinux", "homonym", _diagnostics);
        Assert.Equal(["second.c", "first.c", "third.c"], found.Select(s => s.SourceFile));
        Assert.Equal([1, 2, 3], found.Select(s => s.Position));
        Assert.Equal(await NmAsync("homonym"), found.Select(s => s.Address));
        Assert.All(found, s => Assert.True(s is { Type: 't', HasFtraceEntry: null }));
        Assert.Equal(["second.c", "first.c", "third.c"], index.Find("vmlinux", "counter", _diagnostics).Select(s => s.SourceFile));
        Assert.Null(Assert.Single(index.Find("vmlinux", "global_first", _diagnostics)).SourceFile);
        Assert.Empty(index.Find("vmlinux", "first.c", _diagnostics));
    }

    /// <summary>With the table the kernel's own tool makes of it linked in, as a kernel build does it.</summary>
    [Fact]
    public async Task The_embedded_table_is_used_for_order_and_the_symbol_table_for_C_files()
    {
        var vmlinux = await LinkAsync(null);
        for (var pass = 0; pass < 3; pass++)
        {
            var map = _folder.Write("map", await RunAsync("nm", "-n", vmlinux));
            var kallsyms = Path.Combine(Kernels.Newest.BuildDirectory, "scripts", "kallsyms");
            _folder.Write("include/asm/bitsperlong.h", "#define BITS_PER_LONG 64\n");
            vmlinux = await LinkAsync(_folder.Write("table.S", await RunAsync(kallsyms, "--all-symbols", map)));
        }

        var index = Open(vmlinux);
        var found = index.Find("vmlinux", "homonym", _diagnostics);
        Assert.Equal(["second.c", "first.c", "third.c"], found.Select(s => s.SourceFile));
        Assert.Equal(await NmAsync("homonym"), found.Select(s => s.Address));
        Assert.Contains("embedded table", index.SourceDescription, StringComparison.Ordinal);
    }

    private SymbolIndex Open(string vmlinux)
    {
        var index = SymbolIndex.Open(new SymbolSources { VmlinuxFile = vmlinux }, null, LoaderRules.For("6.12"), _diagnostics);
        Assert.True(index is not null, _diagnostics.ToString());
        return index;
    }

    private async Task<IEnumerable<ulong>> NmAsync(string name) =>
        (await RunAsync("nm", "-n", Path.Combine(_folder.Path, "vmlinux"))).Split('\n').Where(l => l.EndsWith(" " + name, StringComparison.Ordinal)).Select(l => ulong.Parse(l[..16], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));

    private async Task<string> LinkAsync(string? table)
    {
        var objects = new List<string>();
        foreach (var (name, tag) in new[] { ("second", 2), ("first", 1), ("third", 3) })
        {
            var source = _folder.Write(name + ".c", Source + "\n" + string.Concat(Enumerable.Range(0, 150).Select(i => $"A({name}_function_{i})\n")));
            await RunAsync("gcc", "-c", "-O1", "-fno-pic", $"-DTAG={tag}", $"-DGLOBAL=global_{name}", "-o", Path.ChangeExtension(source, ".o"), source);
            objects.Add(Path.ChangeExtension(source, ".o"));
        }

        var output = Path.Combine(_folder.Path, "vmlinux");
        string[] more = table is null ? [] : ["-x", "assembler-with-cpp", "-I", Path.Combine(_folder.Path, "include"), table];
        await RunAsync("gcc", ["-nostdlib", "-static", "-no-pie", "-Wl,-e0", "-Wl,-Ttext=0x1000000", "-Wl,--defsym=_text=0x1000000", "-o", output, .. objects, .. more]);
        return output;
    }

    private async Task<string> RunAsync(string program, params string[] arguments)
    {
        var environment = CleanEnvironment.Create();
        var path = ProcessRunner.FindOnPath(program, environment["PATH"], _folder.Path);
        Assert.True(path is not null, $"{program} is not on this machine");
        var result = await ProcessRunner.RunAsync(new ProcessRequest(path, arguments, _folder.Path, environment), _diagnostics, CancellationToken.None);
        Assert.NotNull(result);
        Assert.True(result.ExitCode == 0, result.StandardError);
        return result.StandardOutput;
    }
}
