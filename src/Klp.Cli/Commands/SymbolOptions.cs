using System.CommandLine;
using Klp.Base;
using Klp.Kernel;
using Klp.Symbols;

namespace Klp.Cli.Commands;

/// <summary>Which kernel's symbols a command asks: the options of <c>klp symbols</c> and what they stand for.</summary>
internal sealed class SymbolOptions
{
    public Option<string> Kernel { get; } = new("--kernel", "-k")
    {
        Description = "Release or store alias; image and modules are found in the store (KLP_KERNEL_STORE), in /boot and in /lib/modules. Default: the running kernel.", HelpName = "release",
    };

    public Option<string> Image { get; } = new("--image") { Description = "Kernel image (vmlinuz, bzImage, Image.gz, zImage).", HelpName = "file" };

    public Option<string> Vmlinux { get; } = new("--vmlinux") { Description = "ELF vmlinux; unstripped, it also tells C files.", HelpName = "file" };

    public Option<string> SystemMap { get; } = new("--system-map") { Description = "System.map.", HelpName = "file" };

    public Option<string> Kallsyms { get; } = new("--kallsyms") { Description = "Dump of /proc/kallsyms.", HelpName = "file" };

    public Option<string> SymbolList { get; } = new("--symbol-list") { Description = "klp-convert's Symbols.list or symbols.klp.", HelpName = "file" };

    public Option<string> ModulesDirectory { get; } = new("--modules-directory") { Description = "lib/modules/<release> of the kernel.", HelpName = "folder" };

    public Option<string> CacheDirectory { get; } = new("--cache-directory") { Description = "Where indexes are kept. Default: $XDG_CACHE_HOME/klp.", HelpName = "folder" };

    public Option<bool> NoCache { get; } = new("--no-cache") { Description = "Read the kernel anew and keep nothing." };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { Kernel, Image, Vmlinux, SystemMap, Kallsyms, SymbolList, ModulesDirectory, CacheDirectory, NoCache })
        {
            option.Recursive = true;
            command.Options.Add(option);
        }
    }

    /// <summary>Opens the index the options name; null with an error.</summary>
    public SymbolIndex? Open(ParseResult parsed, DiagnosticBag diagnostics)
    {
        var sources = Sources(parsed, diagnostics);
        if (sources is null)
        {
            return null;
        }

        var cache = parsed.GetValue(NoCache) ? null : Full(parsed.GetValue(CacheDirectory)) ?? Path.Combine(UserFolder("XDG_CACHE_HOME", ".cache"), "klp");
        return SymbolIndex.Open(sources, cache, LoaderRules.For(sources.Release ?? ""), diagnostics);
    }

    private SymbolSources? Sources(ParseResult parsed, DiagnosticBag diagnostics)
    {
        var named = new SymbolSources
        {
            ImageFile = Full(parsed.GetValue(Image)),
            VmlinuxFile = Full(parsed.GetValue(Vmlinux)),
            SystemMapFile = Full(parsed.GetValue(SystemMap)),
            KallsymsFile = Full(parsed.GetValue(Kallsyms)),
            SymbolListFile = Full(parsed.GetValue(SymbolList)),
            ModulesDirectory = Full(parsed.GetValue(ModulesDirectory)),
        };
        var hasSource = named is not { ImageFile: null, VmlinuxFile: null, SystemMapFile: null, KallsymsFile: null, SymbolListFile: null };
        var release = parsed.GetValue(Kernel);
        if (hasSource && release is null)
        {
            return named;
        }

        release = Alias(release ?? RunningRelease());
        var image = new[] { Path.Combine(Store, release, "image"), $"/boot/vmlinuz-{release}", $"/boot/vmlinux-{release}", $"/lib/modules/{release}/vmlinuz" }.FirstOrDefault(File.Exists);
        var modules = new[] { Path.Combine(Store, release, "modules"), $"/lib/modules/{release}" }.FirstOrDefault(Directory.Exists);
        if (image is null && !hasSource)
        {
            diagnostics.Error(
                "KLP0320", release, "No image of this kernel is on this machine, so its symbols are not known.",
                $"Install the kernel's image package (Debian: linux-image-{release}), or name a source with --image, --vmlinux, --kallsyms or --system-map.");
            return null;
        }

        return named with { Release = release, ImageFile = named.ImageFile ?? (hasSource ? null : image), ModulesDirectory = named.ModulesDirectory ?? modules };
    }

    private static string Store => Environment.GetEnvironmentVariable("KLP_KERNEL_STORE") is { Length: > 0 } store ? Path.GetFullPath(store) : Path.Combine(UserFolder("XDG_DATA_HOME", ".local/share"), "klp", "kernels");

    /// <summary>An alias of the store is a one-line file with a release.</summary>
    private static string Alias(string name)
    {
        var file = Path.Combine(Store, "aliases", name);
        return !name.Contains('/') && File.Exists(file) ? File.ReadLines(file).FirstOrDefault()?.Trim() ?? name : name;
    }

    private static string RunningRelease() => File.Exists("/proc/sys/kernel/osrelease") ? File.ReadAllText("/proc/sys/kernel/osrelease").Trim() : "unknown";

    private static string UserFolder(string variable, string standard) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } folder
        ? folder
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), standard);

    internal static string? Full(string? path) => string.IsNullOrEmpty(path) ? null : Path.GetFullPath(path);
}
