using Klp.Elf;

namespace Klp.Kernel;

/// <summary>kallsyms_token_table (256 strings) and kallsyms_token_index (256 16-bit offsets into it), found by their shape.</summary>
/// <remarks>
/// Each byte value that occurs in a symbol name is a token that means itself, so the tokens of the ten digits stand in a row as one-letter
/// strings in every kernel. The index behind them says where the table starts, and in which byte order.
/// </remarks>
internal sealed record KallsymsTokens(ByteOrder Order, int TableOffset, int IndexOffset, byte[][] Tokens)
{
    public const int Count = 256;
    public const int IndexSize = Count * 2;
    private const int LongestTable = 1 << 16;

    private static ReadOnlySpan<byte> Digits => "0\01\02\03\04\05\06\07\08\09\0"u8;

    public int IndexEnd => IndexOffset + IndexSize;

    /// <summary>Every place in the bytes that holds such a pair of tables; normally exactly one.</summary>
    public static IEnumerable<KallsymsTokens> FindAll(ReadOnlyMemory<byte> bytes)
    {
        for (int from = 0, hit; (hit = bytes.Span[from..].IndexOf(Digits)) >= 0; from += hit + 1)
        {
            if (At(bytes.Span, from + hit) is { } tokens)
            {
                yield return tokens;
            }
        }
    }

    private static KallsymsTokens? At(ReadOnlySpan<byte> bytes, int digits)
    {
        // From the token of '0' to the last one; then the index, aligned.
        var end = digits;
        for (var code = (int)'0'; code < Count; code++)
        {
            var length = bytes[end..Math.Min(bytes.Length, end + LongestTable)].IndexOf((byte)0);
            if (length < 0)
            {
                return null;
            }

            end += length + 1;
        }

        for (var index = end; index < end + 8 && index + IndexSize <= bytes.Length; index++)
        {
            foreach (var order in (ReadOnlySpan<ByteOrder>)[ByteOrder.Little, ByteOrder.Big])
            {
                if (bytes[end..index].IndexOfAnyExcept((byte)0) < 0 && Read(bytes, order, digits, end, index) is { } tokens)
                {
                    return tokens;
                }
            }
        }

        return null;
    }

    private static KallsymsTokens? Read(ReadOnlySpan<byte> bytes, ByteOrder order, int digits, int end, int index)
    {
        var start = digits - order.ReadUInt16(bytes[(index + 2 * '0')..]);
        if (start < 0 || order.ReadUInt16(bytes[index..]) != 0)
        {
            return null;
        }

        var tokens = new byte[Count][];
        var at = start;
        for (var code = 0; code < Count; code++)
        {
            if (at >= end || start + order.ReadUInt16(bytes[(index + 2 * code)..]) != at)
            {
                return null;
            }

            var length = bytes[at..end].IndexOf((byte)0);
            tokens[code] = bytes.Slice(at, length).ToArray();
            at += length + 1;
        }

        return at == end ? new KallsymsTokens(order, start, index, tokens) : null;
    }
}
