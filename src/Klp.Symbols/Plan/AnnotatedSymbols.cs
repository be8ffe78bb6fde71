using Klp.Base;
using Klp.Elf;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>Decides symbols that an annotation explains: checks what it says against the kernel and follows it.</summary>
internal sealed class AnnotatedSymbols
{
    private readonly PlanContext _context;
    private readonly Decisions _decisions;
    private readonly ReferenceChecks _checks;
    private readonly ILookup<int, SymbolAnnotation> _bySymbol;
    private readonly ILookup<string, SymbolHint> _hints;
    private readonly HashSet<string> _usedHints = [];
    private readonly HashSet<SymbolAnnotation> _used = [];

    public AnnotatedSymbols(PlanContext context, Decisions decisions, ReferenceChecks checks)
    {
        (_context, _decisions, _checks) = (context, decisions, checks);
        _bySymbol = context.Annotations.Symbols.ToLookup(a => a.SymbolIndex);
        _hints = context.Input.Hints.ToLookup(h => h.Symbol);
    }

    /// <returns>False where nothing annotates the symbol.</returns>
    public bool Decide(int index, ElfSymbol symbol)
    {
        var annotations = _bySymbol[index].ToList();
        foreach (var hint in _hints[symbol.Name])
        {
            _usedHints.Add(hint.Symbol);
            annotations.Add(new SymbolAnnotation(AnnotationForm.Hint, index, null, ObjectName.Normalise(hint.Object), hint.Symbol, hint.Position ?? 0, null, new SourcePlace(hint.File ?? _context.Path)));
        }

        if (annotations.Count == 0)
        {
            return false;
        }

        _used.UnionWith(annotations);
        var first = annotations[0];
        if (annotations.Find(a => (a.Object, a.Symbol, a.Position, a.File) != (first.Object, first.Symbol, first.Position, first.File)) is { } other)
        {
            _context.Diagnostics.Error("KLP0355", _context.PlaceOf(_context.References.Of(index)), $"Conflicting KLP_SYMPOS definition: {first} and {other} for one C identifier.",
                "Give each homonym a C identifier of its own with KLP_RELOC_SYMBOL_POS.");
            _decisions.Add(index, symbol, SymbolDecision.Failed);
        }
        else if (!Follow(index, symbol, first))
        {
            _decisions.Add(index, symbol, SymbolDecision.Failed);
        }

        return true;
    }

    /// <summary>KLP0375 and KLP0386: annotations that explain nothing.</summary>
    public void ReportUnused()
    {
        foreach (var annotation in _context.Annotations.Symbols.Where(a => !_used.Contains(a)).DistinctBy(a => a.SymbolIndex))
        {
            WarnUnused(annotation);
        }

        foreach (var hint in _context.Input.Hints.DistinctBy(h => h.Symbol).Where(h => !_usedHints.Contains(h.Symbol)))
        {
            _context.Diagnostics.Warning("KLP0386", new SourcePlace(hint.File ?? _context.Path), $"The project's KlpSymbolHint for '{hint.Symbol}' is not used: the module has no undefined symbol of that name.", "Remove the item, or check its spelling.");
        }
    }

    private void WarnUnused(SymbolAnnotation annotation) => _context.Diagnostics.Warning("KLP0375", annotation.Place,
        $"Couldn't find rela for annotated symbol: {annotation.Object}.{annotation.Symbol}. Nothing in the module uses it.", "Remove the annotation.");

    private bool Follow(int index, ElfSymbol symbol, SymbolAnnotation annotation)
    {
        var references = _context.References.Of(index);
        if (references.Count == 0)
        {
            WarnUnused(annotation);
            _decisions.Add(index, symbol, SymbolDecision.Drop);
            return true;
        }

        if (Resolve(annotation, references, out var target) is not { } name)
        {
            return false;
        }

        var moved = new List<(ModuleReference Reference, string SectionObject)>();
        foreach (var reference in references)
        {
            if (SectionObjectOf(annotation, reference) is not { } sectionObject)
            {
                ReportUnattributed(annotation, reference);
                return false;
            }

            moved.Add((reference, sectionObject));
        }

        // All of these, not the first: each is a line to change.
        var passes = moved.Select(m => m.SectionObject).Distinct().ToList().TrueForAll(o => AcceptsSectionObject(annotation, o, references));
        passes &= _checks.CanMove($"{annotation.Symbol}", name, target, moved);
        if (passes)
        {
            WarnHiddenName(annotation, references);
            _decisions.Livepatch(index, symbol, name, moved);
        }

        return passes;
    }

    /// <summary>The livepatch symbol an annotation means, held against the kernel where that can be looked up.</summary>
    private LivepatchSymbolName? Resolve(SymbolAnnotation annotation, IReadOnlyList<ModuleReference> references, out KernelSymbol? target)
    {
        target = null;
        var name = new LivepatchSymbolName(annotation.Object, annotation.Symbol, annotation.Position);
        if (!_checks.HasValidLength(name, references, annotation.SectionObject))
        {
            return null;
        }

        if (!_context.CanLookUp(annotation.Object))
        {
            if (annotation.File is not null)
            {
                _context.Diagnostics.Error("KLP0385", _context.PlaceOf(references), $"{annotation} names its symbol by source file, and there is nothing to look '{annotation.Object}' up in.",
                    _context.Input.IndexCure ?? "Name the kernel's unstripped vmlinux (KlpKernelImageFile), or use KLP_RELOC_SYMBOL_POS.");
                return null;
            }

            _ = _context.Find(annotation.Object, annotation.Symbol);
            return name;
        }

        var candidates = _context.Find(annotation.Object, annotation.Symbol);
        if (candidates.Count == 0)
        {
            if (annotation.Object == ObjectName.Vmlinux && annotation.Symbol.Contains(".llvm.", StringComparison.Ordinal) && _context.Input.Rules.StripsLlvmSuffix)
            {
                _checks.CanBeTarget(annotation.Symbol, new KernelSymbol(annotation.Object, annotation.Symbol, 0, 't', 1, 1, false, null), name, references);
                return null;
            }

            var near = _context.Input.Index!.Relatives(annotation.Object, annotation.Symbol) is { Count: > 0 } relatives ? relatives : _context.Input.Index.Nearest(annotation.Symbol, [annotation.Object], 5);
            _context.Diagnostics.Error("KLP0354", _context.PlaceOf(references), $"The annotation {annotation} names a symbol that {annotation.Object} does not have.", "Check object and spelling.",
                near.Count == 0 ? [] : [$"similar names: {PlanMessages.List(near)}"]);
            return null;
        }

        target = annotation.File is { } file ? ByFile(annotation, file, candidates, references) : ByPosition(annotation, candidates, references);
        if (target is null)
        {
            return null;
        }

        if (annotation.File is not null)
        {
            name = name with { Position = candidates.Count > 1 ? (ulong)target.Position : 0 };
        }

        return _checks.CanBeTarget(annotation.Symbol, target, name, references) ? name : null;
    }

    private KernelSymbol? ByPosition(SymbolAnnotation annotation, IReadOnlyList<KernelSymbol> candidates, IReadOnlyList<ModuleReference> references)
    {
        if (annotation.Position == 0 && candidates.Count == 1)
        {
            return candidates[0];
        }

        if (annotation.Position > 0 && annotation.Position <= (ulong)candidates.Count)
        {
            return candidates.First(c => (ulong)c.Position == annotation.Position);
        }

        var (id, message) = annotation.Position == 0
            ? ("KLP0352", $"Provided KLP_SYMPOS of 0, but found {candidates.Count} symbols matching: {annotation}. Position 0 means the only one.")
            : ("KLP0353", $"Provided KLP_SYMPOS does not match a symbol: {annotation}. {annotation.Object} has {PlanMessages.Plural(candidates.Count, "symbol")} of that name, counted from 1.");
        _context.Diagnostics.Error(id, _context.PlaceOf(references), message, "Put the annotation of the one you mean in its place:",
            PlanMessages.Choices(candidates, annotation));
        return null;
    }

    private KernelSymbol? ByFile(SymbolAnnotation annotation, string file, IReadOnlyList<KernelSymbol> candidates, IReadOnlyList<ModuleReference> references)
    {
        // A symbol source may know the whole path or only the last part of it.
        bool Matches(string? known) => known is not null && (known == file || known.EndsWith("/" + file, StringComparison.Ordinal) || file.EndsWith("/" + known, StringComparison.Ordinal));
        var matching = candidates.Where(c => Matches(c.SourceFile)).ToList();
        if (matching is [var only])
        {
            return only;
        }

        var reason = candidates.All(c => c.SourceFile is null) ? "the kernel's symbols here do not tell their source files (an unstripped vmlinux does)"
            : matching.Count == 0 ? $"none of them comes from {file}" : $"{matching.Count} of them come from {file}";
        _context.Diagnostics.Error("KLP0385", _context.PlaceOf(references), $"Which '{annotation.Symbol}' of {annotation.Object} is meant cannot be told by its source file: {reason}.", "Put the annotation of the one you mean in its place:",
            PlanMessages.Choices(candidates, annotation));
        return null;
    }

    /// <summary>What the annotation says, else vmlinux for its symbols, else whose code it is, else the symbol's own object.</summary>
    private string? SectionObjectOf(SymbolAnnotation annotation, ModuleReference reference)
    {
        if (annotation.SectionObject is { } said)
        {
            return said;
        }

        if (reference.RelocationSection < 0 && _context.Annotations.Relocations[reference.Entry].SectionObject is { } listed)
        {
            return listed;
        }

        if (annotation.Object == ObjectName.Vmlinux)
        {
            return ObjectName.Vmlinux;
        }

        var owner = _context.Attribution.OwnerOf(reference.BaseSection, reference.Relocation.Offset).Object;
        return owner is not null and not ObjectName.Vmlinux ? owner
            : _context.PatchedObjects.Contains(annotation.Object) || !_context.KnowsPatchedObjects ? annotation.Object
            : owner;
    }

    private void ReportUnattributed(SymbolAnnotation annotation, ModuleReference reference) => _context.Diagnostics.Error("KLP0360", _context.PlaceOf(reference),
        $"'{annotation.Symbol}' is a symbol of the module {annotation.Object}, which the patch does not change, and {_context.Describe(reference)} is not the code of one patched object alone.",
        $"Say whose code it is: KLP_RELOC_SYMBOL_POS(patched object, {annotation.Object}, {annotation.Symbol}, {annotation.Position}).");

    private bool AcceptsSectionObject(SymbolAnnotation annotation, string sectionObject, IReadOnlyList<ModuleReference> references)
    {
        if (sectionObject != ObjectName.Vmlinux && annotation.Object == ObjectName.Vmlinux && _context.Input.Rules.RefusesVmlinuxSymbolsInModuleSections)
        {
            _context.Diagnostics.Error("KLP0362", _context.PlaceOf(references), $"The annotation of '{annotation.Symbol}' puts a vmlinux symbol into the relocations of {sectionObject}; the kernel (5.8+) refuses that: invalid access to vmlinux symbol.",
                $"Use vmlinux for both: KLP_RELOC_SYMBOL_POS(vmlinux, vmlinux, {annotation.Symbol}, {annotation.Position}).");
            return false;
        }

        if (sectionObject == ObjectName.Vmlinux)
        {
            if (annotation.Object != ObjectName.Vmlinux)
            {
                _context.Diagnostics.Warning("KLP0363", _context.PlaceOf(references), $"'{annotation.Symbol}' of the module {annotation.Object} is resolved when the patch loads: {annotation.Object} must be loaded by then, and must stay.",
                    $"If the code runs only for {annotation.Object}, name it as the patched object.");
            }

            return true;
        }

        if (_context.KnowsPatchedObjects && !_context.PatchedObjects.Contains(sectionObject))
        {
            _context.Diagnostics.Error("KLP0361", _context.PlaceOf(references), $"The annotation of '{annotation.Symbol}' puts its references into the relocations of {sectionObject}, which this patch does not patch: the kernel would never write them.",
                _context.PatchedObjects.Count == 0 ? $"Patch a function of {sectionObject}, or name the object that is patched." : $"Name one of the patched objects: {PlanMessages.List(_context.PatchedObjects)}.");
            return false;
        }

        return true;
    }

    /// <summary>KLP0379: objtool knows these by name only, and the assembler name hides it.</summary>
    private void WarnHiddenName(SymbolAnnotation annotation, IReadOnlyList<ModuleReference> references)
    {
        if (annotation.Form == AnnotationForm.AssemblerName && ObjtoolNames.IsSpecial(annotation.Symbol))
        {
            _context.Diagnostics.Warning("KLP0379", _context.PlaceOf(references), $"objtool treats '{annotation.Symbol}' specially by its name, which the assembler name of this annotation hides from it.",
                $"Use the automatic form (plain extern) or a project item: <KlpSymbolHint Include=\"{annotation.Symbol}\" Object=\"{annotation.Object}\" />.");
        }
    }
}
