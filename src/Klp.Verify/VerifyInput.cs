using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;

namespace Klp.Verify;

/// <summary>
/// A finished module and what is known of the kernel it is for. Everything optional that is missing leaves out the checks that need it.
/// </summary>
public sealed record VerifyInput
{
    public required ElfFile Module { get; init; }

    /// <summary>Path of the module, for findings that no source line explains; its name gives the module's name.</summary>
    public required string ModuleFile { get; init; }

    public required LoaderRules Rules { get; init; }

    /// <summary>Vermagic, struct sizes and configuration of the target kernel.</summary>
    public KernelProfile? Profile { get; init; }

    /// <summary>The kernel's machine where there is no profile; null where it is not known.</summary>
    public ElfMachine? TargetMachine { get; init; }

    /// <summary>Layout of the livepatch structs where there is no profile; null: the patch's tables are not read then.</summary>
    public LivepatchLayout? Layout { get; init; }

    /// <summary>What the sources claim, with the lines of the claims; null: read from the module's own tables (that needs a layout).</summary>
    public PatchModel? Patch { get; init; }

    /// <summary>Symbols of the target kernel and its modules.</summary>
    public SymbolIndex? Index { get; init; }

    /// <summary>What the target kernel exports.</summary>
    public Symvers? Symvers { get; init; }

    /// <summary>Of <c>KlpObject</c> items: objects that the module patches although its tables do not show it, or that the target kernel does not ship.</summary>
    public IReadOnlyList<string> DeclaredObjects { get; init; } = [];

    /// <summary>Lines of places in <see cref="Module"/>.</summary>
    public LineTable Lines { get; init; } = LineTable.Empty;

    /// <summary>The module is this project's own product and must hold its whole output contract, not only what the kernel asks for.</summary>
    public bool HoldsContract { get; init; } = true;
}
