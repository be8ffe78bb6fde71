using Klp.Elf;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>Everything <see cref="SymbolPlan.Compute"/> decides from. Nothing else is read.</summary>
public sealed record PlanInput
{
    /// <summary>The merged object after the patch tables, or a finished module. It is not changed.</summary>
    public required ElfFile Module { get; init; }

    public required PatchModel Patch { get; init; }

    /// <summary>Exports of the kernel and of other modules.</summary>
    public required Symvers Symvers { get; init; }

    /// <summary>Null where there is no image: then only a module that needs no look-up passes.</summary>
    public SymbolIndex? Index { get; init; }

    public required LoaderRules Rules { get; init; }

    /// <summary>The kernel's machine; null where it is not known.</summary>
    public ElfMachine? TargetMachine { get; init; }

    /// <summary>Of the project's <c>KlpSymbolHint</c> items.</summary>
    public IReadOnlyList<SymbolHint> Hints { get; init; } = [];

    /// <summary>Of the project's <c>KlpObject</c> items: patched objects the module's tables do not show.</summary>
    public IReadOnlyList<string> DeclaredObjects { get; init; } = [];

    public required string ModuleName { get; init; }

    /// <summary>Where a finding points that no source line explains; the module's name where null.</summary>
    public string? ModulePath { get; init; }

    public LineTable Lines { get; init; } = LineTable.Empty;

    /// <summary>What to do about a missing image, in the words of the front end (which package has it).</summary>
    public string? IndexCure { get; init; }

    /// <summary>
    /// Exports of modules in a patched module's dependency closure become livepatch symbols, so that the patch loads without them;
    /// false keeps them imports, and the patch depends on those modules.
    /// </summary>
    public bool ConvertModuleExports { get; init; } = true;
}
