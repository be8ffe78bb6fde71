using Klp.Base;
using Klp.Elf;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>
/// Goes through the undefined symbols and decides each: an annotation says it, else the exports, else the one symbol of that name in scope.
/// </summary>
internal sealed class SymbolDecider
{
    private readonly PlanContext _context;
    private readonly Decisions _decisions;
    private readonly AnnotatedSymbols _annotated;
    private readonly ModuleReferences _modules;
    private readonly ReferenceChecks _checks;
    private readonly SymbolErrors _errors;

    public SymbolDecider(PlanContext context)
    {
        _context = context;
        _decisions = new Decisions(context.Annotations);
        _checks = new ReferenceChecks(context);
        _errors = new SymbolErrors(context);
        _annotated = new AnnotatedSymbols(context, _decisions, _checks);
        _modules = new ModuleReferences(context, _decisions, _checks, _errors);
    }

    public Decisions DecideAll()
    {
        foreach (var (index, symbol) in _context.Input.Module.Symbols.Index())
        {
            if (index == 0)
            {
                continue;
            }

            if (symbol is { SectionIndex: SpecialSection.Common, Name: "__gnu_lto_slim" })
            {
                _context.Diagnostics.Error("KLP0866", _context.Input.ModulePath, "This object holds the compiler's intermediate code (-flto), not machine code: there is nothing to load yet.", "Compile without -flto.");
            }
            else if (symbol.SectionIndex == SpecialSection.Common)
            {
                _context.Diagnostics.Error("KLP0367", _context.PlaceOf(_context.References.Of(index)), $"The variable '{symbol.Name}' is a common symbol (a definition without initialiser that several files share), which the module loader refuses.",
                    "Give it an initialiser, or take away what overrides the kernel's own -fno-common (-fcommon, the attribute common); define it in one file and declare it extern in the others.");
            }
            else if (symbol.IsUndefined)
            {
                Decide(index, symbol);
            }
        }

        _annotated.ReportUnused();
        _errors.ReportCollected();
        return _decisions;
    }

    private void Decide(int index, ElfSymbol symbol)
    {
        if (_context.Annotations.Tombstones.Contains(index))
        {
            _decisions.Add(index, symbol, SymbolDecision.Drop);
        }
        else if (_context.Annotations.Unreadable.Contains(index))
        {
            _decisions.Add(index, symbol, SymbolDecision.Failed);
        }
        else if (IsDefinedElsewhere(symbol.Name))
        {
            _decisions.Add(index, symbol, SymbolDecision.Leave);
        }
        else if (!_annotated.Decide(index, symbol))
        {
            DecideByName(index, symbol);
        }
    }

    /// <summary>Names that the build, the linker or the loader itself defines.</summary>
    private bool IsDefinedElsewhere(string name)
    {
        if (name.Length == 0 || name is "__this_module" or "__klp_objects")
        {
            return true;
        }

        // Where the kernel exports one of these (__fentry__), the module has a version for it, as kbuild's has: it is an import like any other.
        if (_context.Architecture?.IsLoaderSymbol(name) == true && _context.FindExport(name) is null)
        {
            return true;
        }

        // The linker defines these for a section of that name; without one it is a kernel symbol like any other.
        foreach (var prefix in (ReadOnlySpan<string>)["__start_", "__stop_"])
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal) && _context.Input.Module.IndexOf(name[prefix.Length..]) > 0)
            {
                return true;
            }
        }

        return false;
    }

    private void DecideByName(int index, ElfSymbol symbol)
    {
        if (_context.FindExport(symbol.Name) is { } export)
        {
            DecideExport(index, symbol, export);
            return;
        }

        var references = _context.References.Of(index);
        if (references.Count == 0)
        {
            _decisions.Add(index, symbol, SymbolDecision.Drop);
            return;
        }

        var weak = symbol.Binding == SymbolBinding.Weak;
        if (!_context.CanLookUp(ObjectName.Vmlinux))
        {
            if (!weak)
            {
                _errors.NoImage(symbol.Name, references);
            }

            _decisions.Add(index, symbol, weak ? SymbolDecision.WeakNull : SymbolDecision.Failed);
            return;
        }

        var candidates = _context.Scope.SelectMany(o => _context.Find(o, symbol.Name)).ToList();
        switch (candidates)
        {
            case [var only]:
                DecideFound(index, symbol, only, references);
                break;
            case []:
                if (weak)
                {
                    _context.Diagnostics.Warning("KLP0364", _context.PlaceOf(references), $"Nothing in this kernel defines the weak symbol '{symbol.Name}'; it will have the address 0.",
                        "Check the code for that case, or remove the reference.");
                }
                else
                {
                    _errors.Missing(symbol.Name, references);
                }

                _decisions.Add(index, symbol, weak ? SymbolDecision.WeakNull : SymbolDecision.Failed);
                break;
            default:
                _errors.Ambiguous(symbol.Name, candidates, references);
                _decisions.Add(index, symbol, SymbolDecision.Failed);
                break;
        }
    }

    private void DecideFound(int index, ElfSymbol symbol, KernelSymbol found, IReadOnlyList<ModuleReference> references)
    {
        if (symbol.Binding == SymbolBinding.Weak)
        {
            _context.Diagnostics.Warning("KLP0365", _context.PlaceOf(references), $"The weak symbol '{symbol.Name}' is not exported but exists in {found.Object}; the reference becomes a livepatch symbol.",
                "Declare it without weak, then nothing depends on how the compiler treats weak references.");
        }

        var name = new LivepatchSymbolName(found.Object, symbol.Name, 0);
        if (!_checks.CanBeTarget(symbol.Name, found, name, references) || !_checks.HasValidLength(name, references))
        {
            _decisions.Add(index, symbol, SymbolDecision.Failed);
        }
        else if (found.Object == ObjectName.Vmlinux)
        {
            Convert(index, symbol, name, found, references.Select(r => (r, ObjectName.Vmlinux)));
        }
        else
        {
            _modules.DecideInternal(index, symbol, found, name, references);
        }
    }

    private void DecideExport(int index, ElfSymbol symbol, ExportedSymbol export)
    {
        var references = _context.References.Of(index);
        // An export meant for named modules only cannot be imported by this one (EXPORT_SYMBOL_FOR_MODULES).
        var restricted = export.Namespace?.StartsWith("module:", StringComparison.Ordinal) == true;
        if (export.Owner != ObjectName.Vmlinux)
        {
            _modules.DecideExport(index, symbol, export, restricted, references);
        }
        else if (!restricted)
        {
            _checks.CheckStaticKeys(symbol.Name, () => _context.Find(export.Owner, symbol.Name), references);
            _decisions.Import(index, symbol, export);
        }
        else if (_modules.NameOfExport(export, references) is { } name)
        {
            Convert(index, symbol, name, null, references.Select(r => (r, ObjectName.Vmlinux)));
        }
        else
        {
            _decisions.Add(index, symbol, SymbolDecision.Failed);
        }
    }

    private void Convert(int index, ElfSymbol symbol, LivepatchSymbolName name, KernelSymbol? found, IEnumerable<(ModuleReference Reference, string SectionObject)> references)
    {
        var list = references.ToList();
        if (_checks.CanMove(symbol.Name, name, found, list))
        {
            _decisions.Livepatch(index, symbol, name, list);
        }
        else
        {
            _decisions.Add(index, symbol, SymbolDecision.Failed);
        }
    }
}
