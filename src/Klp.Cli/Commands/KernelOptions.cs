using System.CommandLine;
using Klp.Base;
using Klp.Kernel;
using Klp.Symbols;

namespace Klp.Cli.Commands;

/// <summary>
/// The options that say which kernel a command is about and where its files are. What is not said is taken from the kernel store or the running
/// system's places for the release, where it exists.
/// </summary>
internal sealed class KernelOptions
{
    public Option<string> Kernel { get; } = new("--kernel", "-k") { Description = "The target kernel (TargetKernel): a release, an alias of the store, or running. Default: what the module's vermagic says.", HelpName = "release" };

    public Option<string> Image { get; } = new("--image") { Description = "Its image: vmlinuz or an ELF vmlinux (KlpKernelImageFile).", HelpName = "vmlinuz" };

    public Option<string> SystemMap { get; } = new("--system-map") { Description = "Its System.map (KlpSystemMapFile).", HelpName = "file" };

    public Option<string> Kallsyms { get; } = new("--kallsyms") { Description = "A dump of /proc/kallsyms, made by root.", HelpName = "file" };

    public Option<string> SymbolList { get; } = new("--symbols") { Description = "klp-convert's symbol list (symbols.klp, Symbols.list).", HelpName = "file" };

    public Option<string> ModulesDirectory { get; } = new("--modules-directory") { Description = "Its lib/modules/<release> (KlpKernelModulesDirectory).", HelpName = "folder" };

    public Option<string[]> Symvers { get; } = new("--symvers") { Description = "A Module.symvers (KlpModuleSymversFile, KlpExtraSymvers); repeatable.", HelpName = "file" };

    public Option<string> Rules { get; } = new("--rules") { Description = "Overrides of the loader's rules, rule=value;… (KlpKernelRules).", HelpName = "rules", DefaultValueFactory = _ => "" };

    public Option<string> Cache { get; } = new("--cache-directory") { Description = "Where indexes are kept (KlpCacheDirectory).", HelpName = "folder" };

    public Option<string> StoreFolder { get; } = NewStoreOption();

    public static Option<string> NewStoreOption() =>
        new("--store") { Description = "The kernel store (KlpKernelStore). Default: KLP_KERNEL_STORE, else klp/kernels in the user's data folder.", HelpName = "folder" };

    public Command AddTo(Command command)
    {
        foreach (var option in new Option[] { Kernel, Image, SystemMap, Kallsyms, SymbolList, ModulesDirectory, Symvers, Rules, Cache, StoreFolder })
        {
            command.Options.Add(option);
        }

        return command;
    }

    /// <summary>The kernel's facts; null after an error.</summary>
    /// <param name="symbolList">Named as an argument, the way klp-convert takes it; null for the option's.</param>
    public KernelFiles? Open(ParseResult parsed, string? moduleRelease, string? symbolList, DiagnosticBag diagnostics)
    {
        var release = Release(parsed) ?? moduleRelease ?? "";
        if (LoaderRulesOverride.Apply(LoaderRules.For(release), parsed.GetValue(Rules) ?? "", "--rules", diagnostics) is not { } rules)
        {
            return null;
        }

        if (!IsAsAdded(parsed, release, diagnostics))
        {
            return null;
        }

        var store = StoreOf(parsed);
        var sources = Sources(parsed, release, symbolList);
        var symvers = (parsed.GetValue(Symvers) ?? []).Select(Full).OfType<string>().ToList();
        if (symvers.Count == 0 && sources.SymbolListFile is null && Existing(store, release, "build/Module.symvers", "/lib/modules/{0}/build/Module.symvers", File.Exists) is { } found)
        {
            symvers.Add(found);
        }

        var exportProblems = new DiagnosticBag();
        var reading = Task.Run(() => Klp.Kernel.Symvers.Read(symvers, exportProblems));
        var indexProblems = new DiagnosticBag();
        var index = SymbolIndex.Open(sources, CacheDirectory(parsed), rules, indexProblems);
        var exports = reading.GetAwaiter().GetResult();
        diagnostics.AddRange(exportProblems);
        diagnostics.AddRange(indexProblems);
        return exports is null || index is null ? null : new KernelFiles(release, rules, index, exports, Machine(sources, store, release));
    }

    /// <summary>The release that <c>--kernel</c> means, by the rule of <c>TargetKernel</c>; null where it is not given.</summary>
    public string? Release(ParseResult parsed) => parsed.GetValue(Kernel) is { Length: > 0 } named ? KernelName.Release(named, StoreOf(parsed), "") : null;

    /// <summary>True where the store has no such kernel, or has it as it was added; else KLP0275.</summary>
    public bool IsAsAdded(ParseResult parsed, string release, DiagnosticBag diagnostics) =>
        !IsPlain(release) || !Directory.Exists(Path.Combine(StoreOf(parsed), release)) || EntrySeal.Check(StoreOf(parsed), release, diagnostics);

    /// <summary>The files that symbols come from: those named, else those of the release's places.</summary>
    public SymbolSources Sources(ParseResult parsed, string release, string? symbolList)
    {
        symbolList = Full(symbolList ?? parsed.GetValue(SymbolList));
        var store = StoreOf(parsed);
        var sources = new SymbolSources
        {
            SystemMapFile = Full(parsed.GetValue(SystemMap)),
            KallsymsFile = Full(parsed.GetValue(Kallsyms)),
            SymbolListFile = symbolList,
            ModulesDirectory = Full(parsed.GetValue(ModulesDirectory)) ?? Existing(store, release, "modules", "/lib/modules/{0}", Directory.Exists),
        };
        var hasSource = sources.SystemMapFile is not null || sources.KallsymsFile is not null || symbolList is not null;
        var image = Full(parsed.GetValue(Image)) ?? (hasSource ? null : Existing(store, release, "image", "/boot/vmlinuz-{0}", File.Exists));
        var isElf = image is not null && IsElf(image);
        return sources with { ImageFile = isElf ? null : image, VmlinuxFile = isElf ? image : null, Release = release.Length == 0 || hasSource ? null : release };
    }

    /// <summary>An image that is named says it itself; else the configuration of the release's build tree does.</summary>
    private static Elf.ElfMachine? Machine(SymbolSources sources, string store, string release)
    {
        if ((sources.ImageFile ?? sources.VmlinuxFile) is { } image && ImageMachine.Of(image) is { } machine)
        {
            return machine;
        }

        var file = Existing(store, release, "build/include/config/auto.conf", "/lib/modules/{0}/build/include/config/auto.conf", File.Exists);
        var config = file is null ? null : KernelConfig.Read(file, []);
        return Architecture.All.FirstOrDefault(a => config?.IsSet(a.ConfigOption) == true)?.Machine;
    }

    public string CacheDirectory(ParseResult parsed) => Full(parsed.GetValue(Cache)) ?? Path.Combine(CacheHome, "klp");

    public string StoreOf(ParseResult parsed) => Full(parsed.GetValue(StoreFolder)) ?? Store;

    /// <summary>The kernel store where no option names one; the SDK's default for <c>KlpKernelStore</c>.</summary>
    public static string Store =>
        Environment.GetEnvironmentVariable("KLP_KERNEL_STORE") is { Length: > 0 } set ? Path.GetFullPath(set) : Path.Combine(Home("XDG_DATA_HOME", ".local/share"), "klp", "kernels");

    public static string? Full(string? path) => string.IsNullOrEmpty(path) ? null : Path.GetFullPath(path);

    private static bool IsElf(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            Span<byte> start = stackalloc byte[4];
            return file.ReadAtLeast(start, 4, throwOnEndOfStream: false) == 4 && Elf.ElfFile.IsElf(start);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Whoever reads it next says why it cannot be read.
            return false;
        }
    }

    private static string CacheHome => Home("XDG_CACHE_HOME", ".cache");

    private static string Home(string variable, string folder) =>
        // As the SDK's evaluation has it (Klp.Defaults.props): a relative XDG folder counts for nothing, and a home need not exist yet.
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } set && set[0] == '/' ? set
        : Path.Combine("/", Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home ? home : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), folder);

    private static string? Existing(string store, string release, string inStore, string inSystem, Func<string, bool> exists)
    {
        if (!IsPlain(release))
        {
            return null;
        }

        return new[] { Path.Combine(store, release, inStore), string.Format(System.Globalization.CultureInfo.InvariantCulture, inSystem, release) }.FirstOrDefault(exists);
    }

    // A release from a module's own bytes may be anything.
    private static bool IsPlain(string release) => release.Length > 0 && !release.Contains('/') && !release.StartsWith('.');
}
