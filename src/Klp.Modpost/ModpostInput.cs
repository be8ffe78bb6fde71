using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;

namespace Klp.Modpost;

/// <summary>All that the module record is made from. Nothing is read from disk but the sources, and those only where a srcversion is wanted.</summary>
public sealed record ModpostInput
{
    /// <summary>The module's one object: merged, objtool'ed, with the author's header's tables built. It is not changed.</summary>
    public required ElfFile Module { get; init; }

    /// <summary>Where <see cref="Module"/> stands, for messages that have no better place.</summary>
    public required string ModuleFile { get; init; }

    public required KernelProfile Profile { get; init; }

    public required Symvers Symvers { get; init; }

    /// <summary>
    /// The references the kernel resolves from its exports, in the order of the symbol table: what the symbol plan calls an import (<see cref="ImportsOf"/>).
    /// Undefined symbols that are not here belong to the conversion (or to the plan's errors) and get no version and no dependency.
    /// </summary>
    public required IReadOnlyList<ExportedSymbol> Imports { get; init; }

    /// <summary>As kbuild makes it: <c>-</c> and <c>,</c> are <c>_</c>.</summary>
    public required string ModuleName { get; init; }

    /// <summary>The module is a livepatch: it gets <c>livepatch=Y</c> unless the source says so itself.</summary>
    public required bool IsLivepatch { get; init; }

    /// <summary>modinfo <c>version</c> from the project; null where the project has none.</summary>
    public string? Version { get; init; }

    /// <summary>Further modinfo entries from the project, in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> ExtraModinfo { get; init; } = [];

    /// <summary>What <c>srcversion</c> is computed from; empty leaves it out.</summary>
    public IReadOnlyList<ModuleSource> Sources { get; init; } = [];

    /// <summary>Finds the source line of a place in <see cref="Module"/>.</summary>
    public LineTable Lines { get; init; } = LineTable.Empty;

    /// <summary>A plan's imports, as <see cref="Imports"/> wants them.</summary>
    public static IReadOnlyList<ExportedSymbol> ImportsOf(SymbolPlan plan) => [.. plan.Imports.Select(i => i.Export).OfType<ExportedSymbol>()];
}
