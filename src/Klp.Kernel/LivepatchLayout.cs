namespace Klp.Kernel;

/// <summary>
/// Sizes and field offsets, in bytes, of the livepatch structs of one kernel (include/linux/livepatch.h), measured by the template object.
/// </summary>
public sealed record LivepatchLayout
{
    public required int FuncSize { get; init; }

    public required int FuncOldName { get; init; }

    public required int FuncNewFunc { get; init; }

    public required int FuncOldSympos { get; init; }

    public required int ObjectSize { get; init; }

    public required int ObjectName { get; init; }

    public required int ObjectFuncs { get; init; }

    public required int ObjectPrePatch { get; init; }

    public required int ObjectPostPatch { get; init; }

    public required int ObjectPreUnpatch { get; init; }

    public required int ObjectPostUnpatch { get; init; }

    public required int PatchSize { get; init; }

    public required int PatchModule { get; init; }

    public required int PatchObjects { get; init; }

    public int? PatchStates { get; init; }

    public int? PatchReplace { get; init; }
}
