namespace Klp.Modpost;

/// <summary>A line inside an output section of a linker script.</summary>
public abstract record ScriptStatement
{
    /// <summary><c>*(patterns)</c>: input sections, in input order or, with SORT, by name.</summary>
    public sealed record Inputs(IReadOnlyList<Pattern> Patterns) : ScriptStatement;

    /// <summary><c>BYTE(n)</c> and its wider sisters.</summary>
    public sealed record Value(int Width, ulong Number) : ScriptStatement;

    /// <summary><c>. = …</c>.</summary>
    public sealed record MoveTo(Spot Place) : ScriptStatement;

    /// <summary><c>symbol = …</c>; a provided one exists only where somebody refers to it.</summary>
    public sealed record Define(string Symbol, Spot Place, bool OnlyIfReferenced) : ScriptStatement;

    /// <summary>A glob over section names.</summary>
    public sealed record Pattern(string Glob, bool Sorted);

    /// <summary>The current place, aligned and moved on.</summary>
    public sealed record Spot(ulong Alignment, ulong Add)
    {
        public ulong From(ulong here) => Align(here, Alignment) + Add;
    }

    internal static ulong Align(ulong value, ulong alignment) => alignment <= 1 ? value : (value + alignment - 1) / alignment * alignment;
}
