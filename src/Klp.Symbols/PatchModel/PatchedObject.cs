using Klp.Base;

namespace Klp.Symbols;

/// <summary>One object that a patch changes, with everything it changes there.</summary>
/// <param name="Name"><c>vmlinux</c> or a module's name with '_' for '-'.</param>
/// <param name="WrittenAt">Of the first claim on it, as far as that is known.</param>
public sealed record PatchedObject(
    string Name, IReadOnlyList<PatchedFunction> Functions, IReadOnlyList<PatchCallback> Callbacks, LazyPlace WrittenAt)
{
    public SourcePlace Place => WrittenAt.Value;

    /// <summary>The string that stands in the kernel's struct or in the record; null is how a struct says vmlinux.</summary>
    public string? WrittenName { get; init; }

    /// <summary>Told by the author's header, which takes every spelling; a name in a struct must be the kernel's own.</summary>
    public bool IsFromRecord { get; init; }
}
