using System.CommandLine;
using Klp.Base;
using Klp.Kernel;
using Klp.Symbols;

namespace Klp.Cli.Commands;

/// <summary>Which kernel's symbols <c>klp symbols</c> asks: the options every command has for a kernel, and the running kernel where none is given.</summary>
internal sealed class SymbolOptions
{
    private readonly KernelOptions _kernel = new();

    private readonly Option<bool> _noCache = new("--no-cache") { Description = "Read the kernel anew and keep nothing." };

    public void AddTo(Command command)
    {
        _kernel.Kernel.Description = "The target kernel: a release, an alias of the store, or running; its image and modules are found in the store and in the system's places. Default: the running kernel.";
        foreach (var option in new Option[] { _kernel.Kernel, _kernel.Image, _kernel.SystemMap, _kernel.Kallsyms, _kernel.SymbolList, _kernel.ModulesDirectory, _kernel.Rules, _kernel.Cache, _kernel.StoreFolder, _noCache })
        {
            option.Recursive = true;
            command.Options.Add(option);
        }
    }

    /// <summary>Opens the index the options name; null with an error.</summary>
    public SymbolIndex? Open(ParseResult parsed, DiagnosticBag diagnostics)
    {
        var isSourceNamed = new[] { _kernel.Image, _kernel.SystemMap, _kernel.Kallsyms, _kernel.SymbolList }.Any(o => parsed.GetValue(o) is { Length: > 0 });
        var release = _kernel.Release(parsed) ?? (isSourceNamed ? "" : RunningRelease());
        if (!_kernel.IsAsAdded(parsed, release, diagnostics))
        {
            return null;
        }

        var sources = _kernel.Sources(parsed, release, null);
        if (sources is { ImageFile: null, VmlinuxFile: null, SystemMapFile: null, KallsymsFile: null, SymbolListFile: null })
        {
            diagnostics.Error(
                "KLP0320", release, "No image of this kernel is on this machine, so its symbols are not known.",
                $"Install the kernel's image package (Debian: linux-image-{release}), or name a source with --image, --system-map, --kallsyms or --symbols.");
            return null;
        }

        return LoaderRulesOverride.Apply(LoaderRules.For(release), parsed.GetValue(_kernel.Rules) ?? "", "--rules", diagnostics) is { } rules
            ? SymbolIndex.Open(sources, parsed.GetValue(_noCache) ? null : _kernel.CacheDirectory(parsed), rules, diagnostics)
            : null;
    }

    private static string RunningRelease() => File.Exists("/proc/sys/kernel/osrelease") ? File.ReadAllText("/proc/sys/kernel/osrelease").Trim() : "unknown";
}
