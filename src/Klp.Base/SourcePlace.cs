namespace Klp.Base;

/// <summary>Where in the user's files something is wrong. Line and column count from 1; 0 means unknown.</summary>
public readonly record struct SourcePlace(string? File, int Line = 0, int Column = 0)
{
    public static SourcePlace None => default;

    public override string ToString() => (File, Line, Column) switch
    {
        (null, _, _) => "",
        (_, 0, _) => File,
        (_, _, 0) => $"{File}({Line})",
        _ => $"{File}({Line},{Column})",
    };
}
