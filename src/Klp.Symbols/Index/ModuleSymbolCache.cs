using Klp.Base;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>Symbols of the modules that were asked for, each read once.</summary>
internal sealed class ModuleSymbolCache(KernelModules? modules, string? cacheDirectory, string? release)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ObjectSymbols?> _known = [];

    /// <summary>Null where the module cannot be read; the reason is reported the first time.</summary>
    public ObjectSymbols? Find(string name, DiagnosticBag diagnostics)
    {
        lock (_lock)
        {
            if (!_known.TryGetValue(name, out var symbols))
            {
                _known[name] = symbols = modules is null ? null : Read(modules, name, diagnostics);
            }

            return symbols;
        }
    }

    private ObjectSymbols? Read(KernelModules from, string name, DiagnosticBag diagnostics)
    {
        _ = cacheDirectory;
        if (from.ReadBytes(name, diagnostics) is not { } bytes)
        {
            return null;
        }

        var path = from.FindFile(name)!;
        if (release is not null && ModuleInformation.OfFile(bytes.Span).Release is { } built && built != release)
        {
            diagnostics.Error(
                "KLP0305", path, $"This module was built for kernel {built}, but the target kernel is {release}: its symbols and positions would be wrong.",
                "Give the modules folder of the same kernel package as the image in KlpKernelModulesDirectory.");
            return null;
        }

        return ModuleSymbolSource.Read(name, bytes, path, diagnostics);
    }
}
