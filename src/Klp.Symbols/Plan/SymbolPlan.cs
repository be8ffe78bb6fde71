using Klp.Base;
using Klp.Elf;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>
/// What becomes of every undefined symbol and every relocation of one module, decided once and followed by Modpost and conversion.
/// Indices are those of the module it was computed from.
/// </summary>
public sealed record SymbolPlan
{
    /// <summary>Every undefined symbol at least once, in the order of the symbol table; symbols defined in the module are not listed.</summary>
    public required IReadOnlyList<PlannedSymbol> Symbols { get; init; }

    /// <summary>Relocations that move to livepatch relocation sections, in file order.</summary>
    public required IReadOnlyList<PlannedMove> Moves { get; init; }

    /// <summary>Relocations to create from <c>__klp_relocs</c>, with the section object decided.</summary>
    public required IReadOnlyList<PlacedRelocation> Placed { get; init; }

    /// <summary>Symbols whose relocations become none.</summary>
    public required IReadOnlySet<int> Tombstones { get; init; }

    /// <summary>Sections that hold only annotations; they and their symbols do not reach the output.</summary>
    public required IReadOnlySet<int> AnnotationSections { get; init; }

    /// <summary>Objects the patch changes, normalised; <c>vmlinux</c> among them where it is.</summary>
    public required IReadOnlyList<string> PatchedObjects { get; init; }

    /// <summary>Number of symbols of the module the plan was made from, to notice a plan that belongs to another one.</summary>
    public required int ModuleSymbolCount { get; init; }

    /// <summary>What stays to be resolved by the module loader from exports: these need versions, and their owners are dependencies.</summary>
    public IEnumerable<PlannedSymbol> Imports => Symbols.Where(s => s.Decision == SymbolDecision.Import);

    /// <summary>Whether conversion has anything to do.</summary>
    public bool ChangesModule =>
        Placed.Count > 0 || Tombstones.Count > 0 || AnnotationSections.Count > 0 || Symbols.Any(s => s.Decision is SymbolDecision.Livepatch or SymbolDecision.Drop);

    /// <summary>
    /// Decides everything. Pure: reads nothing but its input and changes nothing.
    /// </summary>
    /// <returns>Always a plan; it is complete only where <paramref name="diagnostics"/> got no error.</returns>
    public static SymbolPlan Compute(PlanInput input, DiagnosticBag diagnostics)
    {
        if (!MachineCheck.Run(input, input.ModulePath ?? input.ModuleName, diagnostics))
        {
            return Empty(input);
        }

        var context = new PlanContext(input, diagnostics);
        context.CheckObjects();
        var decided = new SymbolDecider(context).DecideAll();
        return new SymbolPlan
        {
            Symbols = decided.Symbols,
            Moves = [.. decided.Moves.OrderBy(m => m.RelocationSection).ThenBy(m => m.Entry)],
            Placed = decided.Placed,
            Tombstones = context.Annotations.Tombstones,
            AnnotationSections = context.Annotations.Sections,
            PatchedObjects = context.PatchedObjects,
            ModuleSymbolCount = input.Module.Symbols.Count,
        };
    }

    private static SymbolPlan Empty(PlanInput input) => new()
    {
        Symbols = [],
        Moves = [],
        Placed = [],
        Tombstones = new HashSet<int>(),
        AnnotationSections = new HashSet<int>(),
        PatchedObjects = [],
        ModuleSymbolCount = input.Module.Symbols.Count,
    };
}
