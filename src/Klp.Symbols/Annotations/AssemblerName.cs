using System.Globalization;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>
/// An annotation in a symbol's name: <c>.klp.sym.rela.section-object.object.symbol.position</c>, the last delimiter <c>.</c> or <c>,</c>,
/// the position decimal digits or <c>@file</c>.
/// </summary>
public sealed record AssemblerName(string SectionObject, string Object, string Symbol, ulong Position, string? File)
{
    public const string Prefix = ".klp.sym.rela.";

    public static bool IsOne(string symbolName) => symbolName.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Reads a name from the right, since a symbol may contain dots (<c>foo.isra.0</c>).</summary>
    /// <returns>Null with the reason in <paramref name="problem"/>.</returns>
    public static AssemblerName? Parse(string symbolName, out string problem)
    {
        problem = "";
        var rest = symbolName.StartsWith(Prefix, StringComparison.Ordinal) ? symbolName[Prefix.Length..] : symbolName;
        var firstDot = rest.IndexOf('.');
        var secondDot = firstDot < 0 ? -1 : rest.IndexOf('.', firstDot + 1);
        if (secondDot < 0)
        {
            problem = "it has fewer than four parts";
            return null;
        }

        var (sectionObject, symbolObject, tail) = (rest[..firstDot], rest[(firstDot + 1)..secondDot], rest[(secondDot + 1)..]);
        var (symbol, position) = SplitPosition(tail);
        problem = (sectionObject.Length, symbolObject.Length, symbol?.Length) switch
        {
            (0, _, _) => "the patched object (first part) is empty",
            (_, 0, _) => "the symbol's object (second part) is empty",
            (_, _, null) => "it has fewer than four parts",
            (_, _, 0) => "the symbol (third part) is empty",
            _ => "",
        };
        if (problem.Length > 0)
        {
            return null;
        }

        if (position.StartsWith('@') && position.Length > 1)
        {
            return new AssemblerName(ObjectName.Normalise(sectionObject), ObjectName.Normalise(symbolObject), symbol!, 0, position[1..]);
        }

        if (!ulong.TryParse(position, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            problem = position.Length == 0 ? "the position (last part) is empty"
                : position.All(char.IsAsciiDigit) ? $"the position {position} is larger than the kernel can count"
                : $"the position (last part) is '{position}', which is no number";
            return null;
        }

        return new AssemblerName(ObjectName.Normalise(sectionObject), ObjectName.Normalise(symbolObject), symbol!, number, null);
    }

    private static (string? Symbol, string Position) SplitPosition(string tail)
    {
        // A file name has dots and may have commas: it starts at the first '@', which no symbol name contains.
        var at = tail.IndexOf('@');
        var delimiter = at > 0 && tail[at - 1] is '.' or ',' ? at - 1 : tail.Contains(',') ? tail.LastIndexOf(',') : tail.LastIndexOf('.');
        return delimiter < 0 ? (null, "") : (tail[..delimiter], tail[(delimiter + 1)..]);
    }
}
