namespace Klp.Symbols;

/// <summary>
/// A piece of the module that is reached or not reached as a whole: a function, a variable, or the nameless bytes between them.
/// </summary>
internal sealed class CodeUnit(int section, ulong start, ulong end, string? name)
{
    public int Section => section;

    public ulong Start => start;

    public ulong End => end;

    /// <summary>The symbol's name; null for nameless bytes.</summary>
    public string? Name => name;

    public HashSet<CodeUnit> RefersTo { get; } = [];
}
