using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>The errors of names that no annotation explains, each with what the author can do next.</summary>
internal sealed class SymbolErrors(PlanContext context)
{
    // Every name of the kernel is compared with a missing one, which takes milliseconds. Whoever misses more has the wrong kernel, not typing errors.
    private const int MostSearched = 100;

    private readonly List<(string Name, IReadOnlyList<ModuleReference> References)> _withoutImage = [];
    private readonly List<(string Name, IReadOnlyList<ModuleReference> References)> _missing = [];

    public void Ambiguous(string name, IReadOnlyList<KernelSymbol> candidates, IReadOnlyList<ModuleReference> references)
    {
        var owner = context.Attribution.OwnerOf(references[0].BaseSection, references[0].Relocation.Offset).Object;
        owner = owner == ObjectName.Vmlinux ? null : owner;
        var unordered = candidates.Select(c => c.Object).Distinct().Where(o => context.Input.Index?.KnowsPositions(o) == false).ToList();
        context.Diagnostics.Error("KLP0350", context.PlaceOf(references),
            $"'{name}' is ambiguous: {PlanMessages.Plural(candidates.Count, "symbol")} of this name in {PlanMessages.List(candidates.Select(c => c.Object).Distinct())}. Only the source can say which is meant.",
            "Define KLP_SYMPOS for the symbol: write the line of the one you mean behind its declaration (the header is <klp/relocs.h>).",
            [.. PlanMessages.Candidates(candidates, c => PlanMessages.SectionObjectFor(c, owner)),
                .. unordered.Select(o => $"the source of {o}'s symbols is a list of names: which position is which, only the kernel's image or /proc/kallsyms can tell"),
                .. context.OtherPlaces(references)]);
    }

    public void Missing(string name, IReadOnlyList<ModuleReference> references) => _missing.Add((name, references));

    public void NoImage(string name, IReadOnlyList<ModuleReference> references) => _withoutImage.Add((name, references));

    /// <summary>Findings that are one for the whole module.</summary>
    public void ReportCollected()
    {
        if (_withoutImage.Count > 0)
        {
            context.Diagnostics.Error("KLP0356", context.PlaceOf(_withoutImage[0].References),
                $"{PlanMessages.Plural(_withoutImage.Count, "symbol")} used here {(_withoutImage.Count == 1 ? "is" : "are")} not exported, and there is no kernel image to look {(_withoutImage.Count == 1 ? "it" : "them")} up in.",
                context.Input.IndexCure ?? "Name the kernel's image (KlpKernelImageFile: vmlinuz or vmlinux) or its System.map (KlpSystemMapFile).",
                [.. _withoutImage.Select(w => $"{w.Name}, used at {context.PlaceOf(w.References)}")]);
        }

        // One pass over all modules for all names; nothing of it happens in a build without such an error.
        IReadOnlyDictionary<string, IReadOnlyList<string>> elsewhere = _missing.Count == 0 ? new Dictionary<string, IReadOnlyList<string>>() : ModuleSearch.Find(context, [.. _missing.Select(m => m.Name).Take(ModuleSearch.MaximumNames)]);
        foreach (var (number, (name, references)) in _missing.Index())
        {
            ReportMissing(name, references, elsewhere.GetValueOrDefault(name) ?? [], number < MostSearched);
        }

        if (_missing.Count > 0 && !context.KnowsPatchedObjects && !context.Input.Patch.IsReadable)
        {
            // Symbols were looked for in vmlinux only: the missing ones may be a module's.
            context.Input.Patch.ReportUnreadable(context.Path, context.Diagnostics);
        }

        foreach (var name in context.UnknownObjects)
        {
            context.Diagnostics.Information("KLP0378", new Base.SourcePlace(context.Path), $"The symbols of '{name}' could not be looked up: there is no such module among this kernel's.",
                "For a module of your own, name its folder or file (KlpKernelModulesDirectory); annotations for it are taken as they are.");
        }
    }

    private void ReportMissing(string name, IReadOnlyList<ModuleReference> references, IReadOnlyList<string> elsewhere, bool isSearched)
    {
        var index = context.Input.Index!;
        var relatives = context.Scope.SelectMany(o => index.Relatives(o, name).Select(r => $"{r} ({o})")).ToList();
        var nearest = relatives.Count == 0 && isSearched ? index.Nearest(name, context.Scope, 5) : [];
        List<string> notes = [];
        if (relatives.Count > 0)
        {
            notes.Add($"the compiler made other functions of it: {PlanMessages.List(relatives)}");
        }
        else if (nearest.Count > 0)
        {
            notes.Add($"similar names: {PlanMessages.List(nearest)}");
        }

        if (elsewhere.Count > 0)
        {
            notes.Add($"modules that have it but are neither patched nor needed by a patched one: {PlanMessages.List(elsewhere)}");
        }

        notes.AddRange(context.OtherPlaces(references));
        context.Diagnostics.Error("KLP0351", context.PlaceOf(references),
            $"Unable to find missing symbol: {name}. It is neither exported nor in {PlanMessages.List(context.Scope.Where(context.CanLookUp))}.",
            elsewhere.Count > 0 ? $"Patch a function of {elsewhere[0]} and use it from there, or say it with KLP_RELOC_SYMBOL(patched object, {elsewhere[0]}, {name})."
            : relatives.Count > 0 ? "Inlined or cloned functions have no address of their own under the old name: name the clone with an annotation, or copy the function into the patch."
            : "Check the spelling; a function the compiler inlined everywhere has to be copied into the patch.", notes);
    }
}
