namespace Klp.Symbols;

/// <summary>
/// The lines of one object in a symbol list, one name each, as they stand in the list's text. The few names of a patch are found by searching for their lines,
/// which is faster than to sort hundreds of thousands once.
/// </summary>
/// <param name="text">The list; every line is one name or one <c>*object</c>, and ends with a newline.</param>
internal sealed class ListedNames(byte[] text)
{
    private readonly List<Range> _parts = [];

    public int Count { get; private set; }

    /// <summary>Adds whole lines; before them stands a newline.</summary>
    public void Add(int start, int end)
    {
        _parts.Add(start..end);
        Count += text.AsSpan(start..end).Count((byte)'\n');
    }

    /// <summary>How many lines are exactly this name.</summary>
    public int CountOf(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || name.Contains((byte)'\n'))
        {
            return 0;
        }

        byte[] line = [(byte)'\n', .. name, (byte)'\n'];
        var count = 0;
        foreach (var part in _parts)
        {
            // A line's end is the next one's beginning.
            var rest = text.AsSpan((part.Start.Value - 1)..part.End);
            for (int at; (at = rest.IndexOf(line)) >= 0; count++)
            {
                rest = rest[(at + line.Length - 1)..];
            }
        }

        return count;
    }

    /// <summary>The tables of <see cref="ObjectSymbols"/>.</summary>
    public byte[] Build()
    {
        var builder = new ObjectSymbolsBuilder(Count);
        foreach (var part in _parts)
        {
            var lines = text.AsSpan(part);
            for (int end; (end = lines.IndexOf((byte)'\n')) >= 0; lines = lines[(end + 1)..])
            {
                builder.Add(lines[..end], 0, '?');
            }
        }

        return builder.Build();
    }
}
