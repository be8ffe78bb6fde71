using Klp.Base;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>Symbols and modinfo of the modules that were asked for, each read once, through the disk cache.</summary>
internal sealed class ModuleSymbolCache(IndexCache cache)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SymbolTables?> _known = [];
    private readonly HashSet<string> _refused = [];

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

    private SymbolTables? Tables(string name, string file, DiagnosticBag diagnostics)
    {
        lock (_lock)
        {
            if (!_known.TryGetValue(file, out var tables))
            {
                _known[file] = tables = cache.Get(file, "module", bytes => Read(name, bytes, file, diagnostics), diagnostics);
            }

            return tables;
        }
    }

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

    private bool FirstTime(string name)
    {
        lock (_lock)
        {
            return _refused.Add(name);
        }
    }
}
