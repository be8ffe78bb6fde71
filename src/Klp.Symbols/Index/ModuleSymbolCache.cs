using System.Collections.Concurrent;
using Klp.Base;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>Symbols and modinfo of the modules that were asked for, each read once, through the disk cache.</summary>
internal sealed class ModuleSymbolCache(IndexCache cache)
{
    private readonly ConcurrentDictionary<string, Lazy<SymbolTables?>> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _refused = new(StringComparer.Ordinal);

    /// <summary>
    /// The module's symbols. Null where its file cannot be read or is of another kernel; the reason is reported the first time.
    /// </summary>
    /// <param name="release">The release it must be of; null: any.</param>
    public ObjectSymbols? Find(KernelModules modules, string name, string? release, DiagnosticBag diagnostics)
    {
        if (modules.FindFile(name) is not { } file)
        {
            if (FirstTime(name))
            {
                modules.ReadBytes(name, diagnostics); // says why there is none
            }

            return null;
        }

        var tables = Tables(name, file, diagnostics);
        if (tables?.Release is { } built && release is not null && built != release)
        {
            if (FirstTime(name))
            {
                diagnostics.Error(
                    "KLP0305", file, $"This module was built for kernel {built}, but the target kernel is {release}: its symbols and positions would be wrong.",
                    "Give the modules folder of the same kernel package as the image in KlpKernelModulesDirectory.");
            }

            return null;
        }

        return tables?.Objects.GetValueOrDefault(name);
    }

    /// <summary>The modinfo of a module's file; null where it cannot be read.</summary>
    public ModuleInformation? InformationOf(string file) => Tables(ObjectName.Normalise(file), file, new DiagnosticBag())?.Information;

    /// <summary>Different modules may be read at once; one module is read by one thread while others wait for it.</summary>
    private SymbolTables? Tables(string name, string file, DiagnosticBag diagnostics) =>
        _known.GetOrAdd(file, _ => new(() => cache.Get(file, "module", bytes => Read(name, bytes, file, diagnostics), diagnostics))).Value;

    private static SymbolTables? Read(string name, byte[] content, string file, DiagnosticBag diagnostics)
    {
        if (ModuleFile.Unpack(content, file, diagnostics) is not { } bytes || ModuleSymbolSource.Read(name, bytes, file, diagnostics) is not { } symbols)
        {
            return null;
        }

        var information = ModuleInformation.OfFile(bytes.Span);
        return new SymbolTables
        {
            Objects = new Dictionary<string, ObjectSymbols> { [name] = symbols },
            Release = information.Release,
            Description = "a module's symbol table",
            Information = information,
        };
    }

    private bool FirstTime(string name) => _refused.TryAdd(name, true);
}
