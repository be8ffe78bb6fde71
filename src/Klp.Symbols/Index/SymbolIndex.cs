using Klp.Base;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>
/// Symbols of one target kernel and their positions, exactly as the running kernel counts them (kernel/livepatch/core.c, klp_find_object_symbol):
/// vmlinux by ascending address, modules in symbol table order. Modules are read when they are first asked for.
/// </summary>
public sealed partial class SymbolIndex
{
    private readonly SymbolTables? _main;
    private readonly LoaderRules _rules;
    private readonly ModuleSymbolCache _modules;

    private SymbolIndex(SymbolTables? main, string? mainFile, KernelModules? modules, ModuleSymbolCache cache, LoaderRules rules, string? release)
    {
        _main = main;
        _rules = rules;
        _modules = cache;
        Modules = modules;
        Release = main?.Release ?? release;
        BuildId = main?.BuildId;
        SourceDescription = main is null ? null : $"{mainFile}: {main.Description}, {main.Objects.Values.Sum(o => o.Count):#,0} symbols" + (main.Limits.Length > 0 ? $"; it does not tell: {main.Limits}" : "");
    }

    /// <summary>The kernel's modules; null where no folder was given.</summary>
    public KernelModules? Modules { get; }

    /// <summary>The release of the kernel the symbols are of, where known.</summary>
    public string? Release { get; }

    /// <summary>Hexadecimal build-id of the kernel, where the source has it.</summary>
    public string? BuildId { get; }

    /// <summary>Which source vmlinux's symbols come from and what it cannot know; null without one.</summary>
    public string? SourceDescription { get; }

    /// <summary>
    /// Opens the index of a kernel, from the cache where the sources have not changed.
    /// </summary>
    /// <param name="cacheDirectory">Folder of the user's cache; null: nothing is kept.</param>
    /// <param name="diagnostics">
    /// KLP0300 says which source is used. Errors, all of them: a source that cannot be read (KLP0011, KLP024x, KLP0301, KLP0308),
    /// one of another kernel (KLP0303, KLP0304), a modules folder that is none (KLP0260).
    /// </param>
    /// <param name="cancellation">Throws while the kernel's image is unpacked; nothing is left behind then.</param>
    /// <returns>Null after an error.</returns>
    public static SymbolIndex? Open(SymbolSources sources, string? cacheDirectory, LoaderRules rules, DiagnosticBag diagnostics, CancellationToken cancellation = default)
    {
        var found = new DiagnosticBag();
        var cache = new IndexCache(cacheDirectory);
        var moduleSymbols = new ModuleSymbolCache(cache, sources.ModulesDirectory);
        var modules = sources.ModulesDirectory is { } folder ? KernelModules.Open(folder, found, moduleSymbols.InformationOf) : null;
        var (main, file) = new SymbolSourceReader(sources, cache, found, cancellation).Read();
        if (main?.Release is { } release && sources.Release is { } wanted && release != wanted)
        {
            found.Error(
                "KLP0303", file, $"This is of kernel {release}, but the target kernel is {wanted}: its symbols and positions would be wrong.",
                "Name the image of the target kernel in KlpKernelImageFile, or set TargetKernel to the kernel you mean.");
        }

        diagnostics.AddRange(found);
        if (found.HasErrors)
        {
            return null;
        }

        var index = new SymbolIndex(main, file, modules, moduleSymbols, rules, sources.Release);
        if (index.SourceDescription is { } description)
        {
            diagnostics.Information("KLP0300", SourcePlace.None, $"Kernel symbols come from {description}.");
        }

        return index;
    }

    /// <summary>Objects that the main source names, in no order; modules that only have files are in <see cref="Modules"/>.</summary>
    public IEnumerable<string> Objects => _main?.Objects.Keys ?? [];

    /// <summary>Whether symbols of this object can be looked up: a source names it, or its module has a file.</summary>
    public bool Knows(string objectName)
    {
        var name = ObjectName.Normalise(objectName);
        return _main?.Objects.ContainsKey(name) == true || (name != ObjectName.Vmlinux && Modules?.FindFile(name) is not null);
    }

    /// <summary>Whether the symbols of an object that is known are there; where its module's file cannot be read, <paramref name="diagnostics"/> gets why (once).</summary>
    public bool CanRead(string objectName, DiagnosticBag diagnostics) => Knows(objectName) && SymbolsOf(objectName, diagnostics) is not null;

    /// <summary>Every symbol of exactly this name in the object, in the kernel's order; the first has position 1.</summary>
    /// <param name="diagnostics">Where the object's symbols cannot be read, why (once for each object): KLP0261, KLP0305, KLP0312, decompression and ELF errors.</param>
    public IReadOnlyList<KernelSymbol> Find(string objectName, string name, DiagnosticBag diagnostics)
    {
        if (SymbolsOf(objectName, diagnostics) is not { } symbols)
        {
            return [];
        }

        // Only look-ups in vmlinux compare without the suffix; those in modules never did (klp_find_callback).
        return _rules.StripsLlvmSuffix && symbols.Object == ObjectName.Vmlinux ? symbols.FindIgnoringLlvmSuffix(name) : symbols.Find(name);
    }

    /// <summary>Every symbol of an object, by name; one name's in the kernel's order.</summary>
    public IEnumerable<KernelSymbol> All(string objectName, DiagnosticBag diagnostics) =>
        SymbolsOf(objectName, diagnostics) is { } symbols ? Enumerable.Range(0, symbols.NameCount).SelectMany(symbols.SymbolsOf) : [];

    /// <summary>Reads all modules of the folder now, so that later look-ups in any of them find the cache filled.</summary>
    /// <param name="diagnostics">Of every module that cannot be read, why; KLP0310 where nothing can be kept.</param>
    public void ReadAllModules(DiagnosticBag diagnostics)
    {
        if (Modules is not null)
        {
            _modules.ReadAll(Modules, Release, diagnostics);
        }
    }

    /// <summary>Names of the object that start so, sorted.</summary>
    public IReadOnlyList<string> NamesWithPrefix(string objectName, string prefix, DiagnosticBag diagnostics) => SymbolsOf(objectName, diagnostics)?.NamesWithPrefix(prefix) ?? [];

    /// <summary>What the compiler made of a function: <c>name.isra.0</c>, <c>.constprop.0</c>, <c>.part.0</c>, <c>.cold</c>… of this name, sorted.</summary>
    public IReadOnlyList<string> Relatives(string objectName, string name) =>
        SymbolsOf(objectName, new DiagnosticBag())?.NamesWithPrefix(name + ".") ?? [];

    /// <summary>The names nearest to one that does not exist, best first; only names a typing error may have meant.</summary>
    public IReadOnlyList<string> Nearest(string name, IReadOnlyList<string> objects, int count)
    {
        var ignored = new DiagnosticBag();
        return NearestNames.Find(name, objects.Select(o => SymbolsOf(o, ignored)).OfType<ObjectSymbols>(), count);
    }

    /// <summary>Whether ftrace can hook this function, so that it can be patched; null where the source does not tell.</summary>
    public bool? HasFtraceEntry(KernelSymbol symbol) => symbol.HasFtraceEntry;

    /// <summary>
    /// Whether symbols of one name are told apart as the kernel does it. False where only a list of names is known:
    /// then a position can be held against the count and nothing else.
    /// </summary>
    public bool KnowsPositions(string objectName) => IsFromModuleFile(ObjectName.Normalise(objectName)) || _main?.HasPositions == true;

    private bool IsFromModuleFile(string name) => name != ObjectName.Vmlinux && Modules?.FindFile(name) is not null;

    private ObjectSymbols? SymbolsOf(string objectName, DiagnosticBag diagnostics)
    {
        var name = ObjectName.Normalise(objectName);
        if (IsFromModuleFile(name) || (Modules is not null && name != ObjectName.Vmlinux && _main?.Objects.ContainsKey(name) != true))
        {
            return _modules.Find(Modules!, name, Release, diagnostics);
        }

        return _main?.Objects.GetValueOrDefault(name);
    }
}
