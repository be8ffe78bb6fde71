namespace Klp.Toolchain;

/// <summary>What a compile left behind.</summary>
/// <param name="Objects">In the order of the sources.</param>
/// <param name="Dependencies">Every file the compiler read, sources included, sorted.</param>
/// <param name="Removed">Objects of sources that are no longer part of the module, now deleted.</param>
/// <param name="StateFile">What the stage remembers.</param>
public sealed record CompileResult(IReadOnlyList<CompiledObject> Objects, IReadOnlyList<string> Dependencies, IReadOnlyList<string> Removed, string StateFile);
