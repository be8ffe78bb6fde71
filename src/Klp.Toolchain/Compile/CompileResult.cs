namespace Klp.Toolchain;

/// <summary>What a compile left behind.</summary>
/// <param name="Objects">In the order of the sources.</param>
/// <param name="Removed">Objects of sources that are no longer part of the module, now deleted.</param>
/// <param name="StateFile">What the stage remembers.</param>
public sealed record CompileResult(IReadOnlyList<CompiledObject> Objects, IReadOnlyList<string> Removed, string StateFile)
{
    /// <summary>Every file the compiler read for any object, sources included, sorted; made when asked for.</summary>
    public IReadOnlyList<string> Dependencies => [.. Objects.SelectMany(o => o.Dependencies).Distinct().Order(StringComparer.Ordinal)];
}
