using System.Globalization;
using Klp.Base;
using Klp.Elf;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>The input of one plan with everything derived from it that several decisions need.</summary>
internal sealed class PlanContext
{
    private readonly Lazy<Attribution> _attribution;
    private readonly Lazy<IReadOnlyList<string>> _scope;
    private readonly Dictionary<string, IReadOnlyList<string>> _closures = [];
    private readonly HashSet<string> _unknownObjects = [];

    public PlanContext(PlanInput input, DiagnosticBag diagnostics)
    {
        Input = input;
        Diagnostics = diagnostics;
        Path = input.ModulePath ?? input.ModuleName;
        Architecture = Architecture.For(input.Module.Machine);
        Annotations = AnnotationReader.Read(input.Module, Path, diagnostics);
        References = ReferenceTable.Read(input.Module, Annotations);
        PatchedObjects = [.. input.Patch.Objects.Select(o => o.Name).Concat(input.DeclaredObjects).Select(ObjectName.Normalise).Where(n => n.Length > 0).Distinct()];
        _attribution = new(() => new Attribution(CodeMap.Read(input.Module, Annotations.Sections), input.Patch, PatchedObjects));

        // Where the tables cannot be read, annotations tell at least some of the objects: enough to look names up there, not to attribute code to them.
        var annotated = input.Patch.IsReadable ? [] : Annotations.Symbols.Select(a => a.SectionObject ?? a.Object);
        _scope = new(() => [.. PatchedObjects.Concat(annotated).Prepend(ObjectName.Vmlinux).SelectMany(ClosureOf).Distinct()]);
    }

    public PlanInput Input { get; }

    public DiagnosticBag Diagnostics { get; }

    public string Path { get; }

    public Architecture? Architecture { get; }

    public AnnotationSet Annotations { get; }

    public ReferenceTable References { get; }

    public IReadOnlyList<string> PatchedObjects { get; }

    public Attribution Attribution => _attribution.Value;

    /// <summary>Where a name without annotation is looked for: vmlinux, the patched modules and what those depend on.</summary>
    public IReadOnlyList<string> Scope => _scope.Value;

    /// <summary>Whether it is known which objects the patch changes.</summary>
    public bool KnowsPatchedObjects => Input.Patch.IsReadable && Input.Patch.HasPatch || Input.DeclaredObjects.Count > 0;

    /// <summary>The object and everything it depends on; itself alone where that is not known.</summary>
    public IReadOnlyList<string> ClosureOf(string objectName)
    {
        if (!_closures.TryGetValue(objectName, out var closure))
        {
            closure = objectName == ObjectName.Vmlinux || Input.Index?.Modules is not { } modules ? [objectName] : modules.DependencyClosure(objectName);
            _closures.Add(objectName, closure.Count == 0 ? [objectName] : closure);
        }

        return _closures[objectName];
    }

    public IReadOnlyList<KernelSymbol> Find(string objectName, string name)
    {
        if (Input.Index is not { } index)
        {
            return [];
        }

        if (!index.Knows(objectName))
        {
            _unknownObjects.Add(objectName);
            return [];
        }

        return index.Find(objectName, name, Diagnostics);
    }

    /// <summary>
    /// The export of a name. Where no Module.symvers was given at all, the kernel's own marks count: its symbol tables and klp-convert's lists have a
    /// <c>__ksymtab_</c> symbol for each export.
    /// </summary>
    public ExportedSymbol? FindExport(string name)
    {
        if (Input.Symvers.Find(name) is { } export)
        {
            return export;
        }

        if (Input.Symvers.Count > 0 || Input.Index is not { } index)
        {
            return null;
        }

        var owner = Scope.Concat(index.Objects).Distinct().FirstOrDefault(o => index.Knows(o) && index.Find(o, "__ksymtab_" + name, Diagnostics).Count > 0);
        return owner is null ? null : new ExportedSymbol(name, 0, owner, false, null);
    }

    /// <summary>Whether the index can answer for an object at all: that a name is not there can be said of nothing else.</summary>
    public bool CanLookUp(string objectName) => Input.Index?.CanRead(objectName, Diagnostics) == true;

    public IReadOnlyCollection<string> UnknownObjects => _unknownObjects;

    /// <summary>The user's line of a reference, else the module.</summary>
    public SourcePlace PlaceOf(ModuleReference reference) => LineOf(reference) ?? new SourcePlace(Path);

    /// <summary>A table has no lines: what it says of an instruction is told at that instruction, which static branches take from a header.</summary>
    private SourcePlace? LineOf(ModuleReference reference)
    {
        if (Input.Lines.Find(reference.BaseSection, reference.Relocation.Offset) is { } place)
        {
            return place;
        }

        var before = SectionRules.KeyOffset(Input.Module.Sections[reference.BaseSection].Name);
        if (before == 0 || reference.RelocationSection < 0)
        {
            return null;
        }

        var instruction = Input.Module.RelocationsOf(Input.Module.Sections[reference.RelocationSection]).Find(r => r.Offset + before == reference.Relocation.Offset);
        return Input.Module.SymbolOf(instruction) is { IsInSection: true } symbol ? Input.Lines.FindInSource(symbol.SectionIndex, symbol.Value + (ulong)instruction.Addend) : null;
    }

    /// <summary>The line of the first reference that has one.</summary>
    public SourcePlace PlaceOf(IReadOnlyList<ModuleReference> references)
    {
        foreach (var reference in references)
        {
            if (LineOf(reference) is { } place)
            {
                return place;
            }
        }

        return new SourcePlace(Path);
    }

    /// <summary>Notes that name the places of a symbol's references behind the first.</summary>
    public IReadOnlyList<string> OtherPlaces(IReadOnlyList<ModuleReference> references)
    {
        var places = references.Select(LineOf).OfType<SourcePlace>().Select(p => (p with { Column = 0 }).ToString()).Distinct().Skip(1).ToList();
        return places.Count == 0 ? [] : [.. places.Take(4).Select(p => $"also used at {p}"), .. places.Count > 4 ? [string.Create(CultureInfo.InvariantCulture, $"and at {places.Count - 4} more places")] : Array.Empty<string>()];
    }

    /// <summary>A reference's place inside the module, for messages: function or variable and section.</summary>
    public string Describe(ModuleReference reference)
    {
        var section = reference.BaseSection < Input.Module.Sections.Count ? Input.Module.Sections[reference.BaseSection].Name : "?";
        var unit = Attribution.OwnerOf(reference.BaseSection, reference.Relocation.Offset).Unit;
        return unit?.Name is { } name ? $"{name} ({section})" : section;
    }

    /// <summary>What is wrong with the patch's list of objects itself.</summary>
    public void CheckObjects()
    {
        foreach (var name in PatchedObjects.Where(n => n.Length > Input.Rules.MaximumObjectName))
        {
            Diagnostics.Error("KLP0374", Path, $"The object name '{name}' has {name.Length} characters; the kernel reads {Input.Rules.MaximumObjectName} at most and would never find it.", "Check the name: it is that of the module as lsmod shows it.");
        }
    }
}
