namespace Klp.Toolchain;

/// <summary>One source of a module.</summary>
/// <param name="Path">Absolute; <c>.c</c> or <c>.S</c>.</param>
public sealed record CompileSource(string Path)
{
    /// <summary>Compiler options of this source alone, behind all others.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Assembly that the preprocessor reads first.</summary>
    public bool IsAssembly => Path.EndsWith(".S", StringComparison.Ordinal);
}
