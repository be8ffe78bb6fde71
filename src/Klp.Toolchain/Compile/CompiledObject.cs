namespace Klp.Toolchain;

/// <summary>One object of a module.</summary>
/// <param name="Source">Absolute.</param>
/// <param name="ObjectFile">Absolute.</param>
/// <param name="Reason">Why it was compiled; null where it was up to date.</param>
/// <param name="Command">The words that make it, launcher first, with the real object as output; for messages and <c>compile_commands.json</c>.</param>
public sealed record CompiledObject(string Source, string ObjectFile, string? Reason, IReadOnlyList<string> Command)
{
    /// <summary>Every file the compiler read for it, the source included, in the order of its dependency file.</summary>
    public IReadOnlyList<string> Dependencies { get; init; } = [];
}
