using Klp.Elf;

namespace Klp.Kernel;

/// <summary>kallsyms_num_syms, kallsyms_names and kallsyms_markers, found backwards from the token table and checked symbol by symbol.</summary>
/// <remarks>
/// Order in the image is num_syms, names, markers in every version; 6.2 to 6.4 have kallsyms_seqs_of_names (3 bytes a symbol) between the markers
/// and the token table. A marker is the offset of each 256th name, so a wrong guess cannot pass.
/// </remarks>
/// <param name="CountOffset">Where kallsyms_num_syms stands.</param>
/// <param name="Starts">Offset of each name's length byte within <paramref name="Bytes"/>.</param>
internal sealed record KallsymsNames(int CountOffset, byte[] Bytes, int[] Starts)
{
    private const int MarkerStep = 256;
    private const int FewestSymbols = MarkerStep + 1; // fewer would leave one marker, which proves nothing
    private const int MostSymbols = 1 << 22;
    private const int LongestEntry = 2 + KallsymsTable.LongestName;
    private const int Alignment = 8;

    public static KallsymsNames? Find(ReadOnlySpan<byte> bytes, KallsymsTokens tokens) =>
        FindBefore(bytes, tokens, tokens.TableOffset) ?? FindBehindSequence(bytes, tokens);

    /// <summary>Markers that end right before <paramref name="end"/>.</summary>
    private static KallsymsNames? FindBefore(ReadOnlySpan<byte> bytes, KallsymsTokens tokens, int end)
    {
        // The padding to the next label may be one 4-byte word.
        foreach (var padding in (ReadOnlySpan<int>)[0, 4])
        {
            var at = end - padding - 4;
            var count = 1;
            var value = at >= 0 ? tokens.Order.ReadUInt32(bytes[at..]) : 0;
            while (value != 0 && at >= 4)
            {
                var previous = tokens.Order.ReadUInt32(bytes[(at - 4)..]);
                if (previous >= value || value - previous > MarkerStep * LongestEntry)
                {
                    break;
                }

                (at, value, count) = (at - 4, previous, count + 1);
            }

            if (value == 0 && count > 1 && Names(bytes, tokens, at, count, (count - 1) * MarkerStep + 1, count * MarkerStep) is { } names)
            {
                return names;
            }
        }

        return null;
    }

    /// <summary>6.2 to 6.4: the distance to the markers depends on the number of symbols, so each number is tried; almost all fail at once.</summary>
    private static KallsymsNames? FindBehindSequence(ReadOnlySpan<byte> bytes, KallsymsTokens tokens)
    {
        for (var symbols = FewestSymbols; symbols < MostSymbols; symbols++)
        {
            var end = tokens.TableOffset - Align(3 * symbols, Alignment);
            var count = (symbols + MarkerStep - 1) / MarkerStep;
            var start = end - Align(4 * count, Alignment);
            if (start < 0)
            {
                return null;
            }

            if (tokens.Order.ReadUInt32(bytes[start..]) != 0 || !Ascends(bytes.Slice(start, 4 * count), tokens.Order))
            {
                continue;
            }

            if (Names(bytes, tokens, start, count, symbols, symbols) is { } names)
            {
                return names;
            }
        }

        return null;
    }

    private static bool Ascends(ReadOnlySpan<byte> markers, ByteOrder order)
    {
        var previous = 0u;
        for (var at = 4; at < markers.Length; at += 4)
        {
            var value = order.ReadUInt32(markers[at..]);
            if (value <= previous || value - previous > MarkerStep * LongestEntry)
            {
                return false;
            }

            previous = value;
        }

        return true;
    }

    /// <summary>The names end before the markers and start so far before that their number, right in front of them, fits.</summary>
    private static KallsymsNames? Names(ReadOnlySpan<byte> bytes, KallsymsTokens tokens, int markers, int markerCount, int fewest, int most)
    {
        var lastMarker = (int)Math.Min(int.MaxValue, tokens.Order.ReadUInt32(bytes[(markers + 4 * (markerCount - 1))..]));
        var latest = markers - lastMarker;
        for (var start = latest & ~3; start >= 8 && start > latest - Alignment - MarkerStep * LongestEntry; start -= 4)
        {
            foreach (var distance in (ReadOnlySpan<int>)[8, 4])
            {
                var count = tokens.Order.ReadUInt32(bytes[(start - distance)..]);
                if (count >= fewest && count <= most && Walk(bytes[start..markers], bytes[markers..], tokens, (int)count) is { } starts)
                {
                    return new KallsymsNames(start - distance, bytes[start..markers].ToArray(), starts);
                }
            }
        }

        return null;
    }

    /// <summary>Start of each name; null unless every marker, every token and the end agree.</summary>
    private static int[]? Walk(ReadOnlySpan<byte> names, ReadOnlySpan<byte> markers, KallsymsTokens tokens, int count)
    {
        if (count > names.Length / 2)
        {
            return null;
        }

        var starts = new int[count];
        var at = 0;
        for (var i = 0; i < count; i++)
        {
            if (i % MarkerStep == 0 && tokens.Order.ReadUInt32(markers[(i / MarkerStep * 4)..]) != (uint)at)
            {
                return null;
            }

            starts[i] = at;
            if (names.Length - at < 2)
            {
                return null;
            }

            int length = names[at++];
            if (length >= 0x80)
            {
                length = (length & 0x7f) | names[at++] << 7;
            }

            if (length == 0 || length > names.Length - at || !IsPlausible(names.Slice(at, length), tokens.Tokens))
            {
                return null;
            }

            at += length;
        }

        return names.Length - at < 2 * Alignment && names[at..].IndexOfAnyExcept((byte)0) < 0 ? starts : null;
    }

    /// <summary>A type letter first, and no more than a name can have.</summary>
    private static bool IsPlausible(ReadOnlySpan<byte> codes, byte[][] tokens)
    {
        var first = tokens[codes[0]];
        if (first.Length == 0 || !(char.IsAsciiLetter((char)first[0]) || first[0] is (byte)'?' or (byte)'-'))
        {
            return false;
        }

        var length = 0;
        foreach (var code in codes)
        {
            length += tokens[code].Length;
        }

        return length is > 1 and <= KallsymsTable.LongestName;
    }

    private static int Align(int value, int alignment) => (value + alignment - 1) & -alignment;
}
