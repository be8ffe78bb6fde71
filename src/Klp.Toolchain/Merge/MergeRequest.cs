using Klp.Kernel;

namespace Klp.Toolchain;

/// <summary>Which objects become one module object. All paths are absolute.</summary>
public sealed record MergeRequest
{
    public required KernelProfile Profile { get; init; }

    /// <summary>In the order of the sources; order decides the layout.</summary>
    public required IReadOnlyList<string> Objects { get; init; }

    public required string OutputFile { get; init; }

    public required string SearchPath { get; init; }

    /// <summary>Names in debug data are relative to this folder; null: messages name no source line.</summary>
    public string? ProjectDirectory { get; init; }

    /// <summary>Where the stage remembers what it did; default: the output's name with <c>.state</c>.</summary>
    public string? StateFile { get; init; }
}
