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

    /// <summary>
    /// What 64-bit kernels have without debugging options in their kobjects (measured: 6.1, 6.12). For tools that look at a finished module and have
    /// no kernel tree; a build asks the template object.
    /// </summary>
    public static LivepatchLayout Usual { get; } = new()
    {
        FuncSize = 152,
        FuncOldName = 0,
        FuncNewFunc = 8,
        FuncOldSympos = 16,
        ObjectSize = 168,
        ObjectName = 0,
        ObjectFuncs = 8,
        ObjectPrePatch = 16,
        ObjectPostPatch = 24,
        ObjectPreUnpatch = 32,
        ObjectPostUnpatch = 40,
        PatchSize = 200,
        PatchModule = 0,
        PatchObjects = 8,
        PatchStates = 16,
        PatchReplace = 24,
    };
}
