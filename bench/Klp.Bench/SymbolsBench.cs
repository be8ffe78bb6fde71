using System.Diagnostics;
using System.Globalization;
using System.Text;
using Klp.Base;
using Klp.Conversion;
using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;
using Klp.TestKit;

namespace Klp.Bench;

/// <summary>
/// Indexing a kernel's symbols and converting a module: the libraries' own time inside this process, and the tool's as whole processes, a start of .NET included.
/// </summary>
internal sealed class SymbolsBench : IDisposable
{
    /// <summary>As many lines as klp-convert's list of a distribution kernel has.</summary>
    private const int ListLines = 676_000;

    private readonly TestKernel _kernel;
    private readonly FinishedModule _module;
    private readonly Stopwatches _stopwatches;
    private readonly string _tool;
    private readonly string _folder = Directory.CreateTempSubdirectory("klp-bench-symbols-").FullName;
    private readonly string _list;
    private int _caches;

    public SymbolsBench(TestKernel kernel, Stopwatches stopwatches, string tool)
    {
        (_kernel, _stopwatches, _tool) = (kernel, stopwatches, tool);
        _module = FinishedModule.For(kernel);
        File.WriteAllBytes(In("in.ko"), _module.Unconverted);
        _list = In("symbols.klp");
        WriteList();
        OpenIndex(Cache);
    }

    private string Cache => In("cache");

    /// <summary>What is timed, in order; each is in seconds.</summary>
    public IEnumerable<TimedOperation> Operations()
    {
        var areCompressed = Directory.EnumerateFiles(_kernel.ModulesDirectory, "pktgen.ko*", SearchOption.AllDirectories).Single().EndsWith(".xz", StringComparison.Ordinal);
        yield return new("index of the image", "library", 0.5, () => Library(() => OpenIndex(null, image: true)));
        yield return new("index of the image", "klp symbols build", null, () => Tool("symbols", "build", "--image", _kernel.ImageFile, "--cache-directory", FreshCache()));
        if (areCompressed)
        {
            yield return new("image and all modules", Unpacking, null, Unpack);
        }

        yield return new("image and all modules", "klp symbols build --all-modules", areCompressed ? null : 2.5, () => Tool(AllModules())) { ReferenceName = areCompressed ? Unpacking : null, Ratio = 1.3 };
        yield return new("cached index, ten look-ups", "library", 0.005, () => Library(TenLookUps));
        yield return new("conversion, cached index", "library", 0.015, () => Library(ConvertModule));
        yield return new($"conversion, list of {ListLines} lines", "klp convert, list seen before", 0.15, () => Tool("convert", "--cache-directory", Cache, _list, In("in.ko"), In("out.ko")));
        yield return new($"conversion, list of {ListLines} lines", "klp convert, list never seen", 0.15, () => Tool("convert", "--cache-directory", FreshCache(), _list, In("in.ko"), In("out.ko")));
        yield return new("conversion, cached index", "klp convert", 0.1, () => Tool("convert", "--kernel", _kernel.Release, "--cache-directory", Cache, In("in.ko"), In("out.ko")));
        yield return new("start of .NET", "klp --version", null, () => Tool("--version"));
    }

    /// <summary>MiB, of the process that indexes the image and all modules.</summary>
    public Task<double> PeakOfIndexingAsync() => _stopwatches.PeakMebibytesAsync(_folder, "dotnet", [_tool, .. AllModules()]);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private const string Unpacking = "xz -dc, two at a time";

    private string In(string name) => Path.Combine(_folder, name);

    private string FreshCache() => In($"cache{++_caches}");

    private string[] AllModules() => ["symbols", "build", "--all-modules", "--image", _kernel.ImageFile, "--modules-directory", _kernel.ModulesDirectory, "--cache-directory", FreshCache()];

    private static Task<double> Library(Action action)
    {
        var clock = Stopwatch.StartNew();
        action();
        return Task.FromResult(clock.Elapsed.TotalSeconds);
    }

    private Task<double> Tool(params string[] arguments) => _stopwatches.SecondsAsync(_folder, "dotnet", [_tool, .. arguments]);

    private Task<double> Unpack() => _stopwatches.SecondsAsync(
        _kernel.ModulesDirectory, "sh", ["-c", "find kernel -name '*.ko.xz' -print0 | xargs -0 -n 64 -P 2 xz -dc >/dev/null"]);

    private SymbolIndex OpenIndex(string? cache, bool image = false)
    {
        var diagnostics = new DiagnosticBag();
        var sources = new SymbolSources { ImageFile = _kernel.ImageFile, ModulesDirectory = image ? null : _kernel.ModulesDirectory, Release = _kernel.Release };
        return SymbolIndex.Open(sources, cache, LoaderRules.For(_kernel.Release), diagnostics) ?? throw new InvalidOperationException(diagnostics.ToString());
    }

    private void TenLookUps()
    {
        var index = OpenIndex(Cache);
        var diagnostics = new DiagnosticBag();
        string[] names = ["name_show", "si_swapinfo", "cmdline_proc_show", "saved_command_line", "meminfo_proc_show", "schedule", "vfs_read", "kfree", "jiffies"];
        if (names.Any(n => index.Find(ObjectName.Vmlinux, n, diagnostics).Count == 0) || index.Find("pktgen", "pg_count_d", diagnostics).Count == 0)
        {
            throw new InvalidOperationException("A look-up found nothing.\n" + diagnostics);
        }
    }

    /// <summary>The build's stage: the linked module is read, planned, converted and written, with the index from the cache.</summary>
    private void ConvertModule()
    {
        var diagnostics = new DiagnosticBag();
        var module = CCompiler.Read(File.ReadAllBytes(In("in.ko")));
        var lines = LineTable.Read(module);
        var plan = SymbolPlan.Compute(new PlanInput
        {
            Module = module, ModuleName = "finished", Symvers = _module.Symvers, Index = OpenIndex(Cache), Rules = _module.Rules, Lines = lines,
            Patch = PatchModel.Read(module, _module.Profile.Template.Livepatch!, lines, diagnostics),
        }, diagnostics);
        if (diagnostics.HasErrors || Converter.Convert(module, plan, _module.Rules, diagnostics) is not { } converted || !SafeFile.Write(In("library.ko"), converted.Write(), diagnostics))
        {
            throw new InvalidOperationException(diagnostics.ToString());
        }
    }

    /// <summary>The kernel's and pktgen's own names, then made-up objects until the list is as long as a distribution kernel's.</summary>
    private void WriteList()
    {
        var index = FinishedModule.IndexOf(_kernel);
        var text = new StringBuilder("klp-convert-symbol-data.0.1\n");
        var count = 1;
        void Line(string line)
        {
            text.Append(line).Append('\n');
            count++;
        }

        foreach (var name in new[] { ObjectName.Vmlinux, "pktgen" })
        {
            Line("*" + name);
            foreach (var symbol in index.All(name, new DiagnosticBag()))
            {
                Line(symbol.Name);
            }
        }

        for (var i = 0; count < ListLines; i++)
        {
            Line(i % 130 == 0 ? string.Create(CultureInfo.InvariantCulture, $"*module_{i / 130}") : string.Create(CultureInfo.InvariantCulture, $"made_up_function_{i}"));
        }

        File.WriteAllText(_list, text.ToString());
    }
}
