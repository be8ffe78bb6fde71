using System.Globalization;
using System.Text;

namespace Klp.Symbols;

/// <summary>Lines of <c>nm</c>'s form, <c>address type name</c>, as System.map and /proc/kallsyms have them.</summary>
internal static class TextSymbols
{
    /// <summary>One line.</summary>
    /// <param name="Module">The name in brackets behind the symbol (/proc/kallsyms), or null.</param>
    public readonly record struct Line(ulong Address, char Type, string Name, string? Module);

    /// <summary>Parsed lines, and the number of the first line that is no such line (0: none).</summary>
    public static (List<Line> Lines, int FirstBad) Parse(ReadOnlySpan<byte> text)
    {
        var lines = new List<Line>(text.Length / 40);
        var number = 0;
        var bad = 0;
        foreach (var range in text.Split((byte)'\n'))
        {
            number++;
            var line = text[range].TrimEnd((byte)'\r');
            if (line.IsEmpty)
            {
                continue;
            }

            if (ParseLine(line) is { } parsed)
            {
                lines.Add(parsed);
            }
            else if (bad == 0)
            {
                bad = number;
            }
        }

        return (lines, bad);
    }

    private static Line? ParseLine(ReadOnlySpan<byte> line)
    {
        var space = line.IndexOf((byte)' ');
        if (space is < 1 or > 16 || line.Length < space + 4 || line[space + 2] != ' ' || !ulong.TryParse(line[..space], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var address))
        {
            return null;
        }

        var rest = line[(space + 3)..];
        string? module = null;
        var end = rest.IndexOfAny((byte)'\t', (byte)' ');
        if (end >= 0)
        {
            var tail = rest[(end + 1)..].Trim((byte)' ');
            module = tail is [(byte)'[', .., (byte)']'] ? Encoding.Latin1.GetString(tail[1..^1]) : null;
            rest = rest[..end];
        }

        return rest.IsEmpty ? null : new Line(address, (char)line[space + 1], Encoding.Latin1.GetString(rest), module);
    }

    /// <summary>Both ends of a range of addresses named by two symbols, where both are there.</summary>
    public static (ulong Start, ulong End)? Range(IReadOnlyList<Line> lines, string start, string end)
    {
        ulong? from = null, to = null;
        foreach (var line in lines)
        {
            from = line.Module is null && line.Name == start ? line.Address : from;
            to = line.Module is null && line.Name == end ? line.Address : to;
        }

        return from < to ? (from.Value, to.Value) : null;
    }
}
