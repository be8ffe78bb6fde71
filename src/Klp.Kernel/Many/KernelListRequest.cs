namespace Klp.Kernel;

/// <summary>What a project says about the several kernels it is for.</summary>
public sealed record KernelListRequest
{
    /// <summary>The project file, the place of every message.</summary>
    public required string ProjectFile { get; init; }

    /// <summary><c>TargetKernels</c> as written: names between semicolons, with any white space around them.</summary>
    public required string Names { get; init; }

    public required string Store { get; init; }

    /// <summary>Stands before the places of the running system; empty for the real one.</summary>
    public string Root { get; init; } = "";

    public IReadOnlyList<OwnKernel> Own { get; init; } = [];

    /// <summary>Items for some kernels only. Empty where the list is not the project's own (a command line's), since it may well leave some out.</summary>
    public IReadOnlyList<KernelCondition> Conditions { get; init; } = [];
}
