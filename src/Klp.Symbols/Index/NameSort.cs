using System.Buffers.Binary;

namespace Klp.Symbols;

/// <summary>Sorts many names by their bytes, equal names by their number: eight bytes at a time, so that most comparisons are of numbers.</summary>
internal static class NameSort
{
    private const int Step = 8;

    /// <summary>Numbers 0 to <paramref name="count"/> - 1 in the order of their names.</summary>
    public static int[] Order(byte[] names, int count, Func<int, (int Offset, int Length)> place)
    {
        var order = new int[count];
        var keys = new ulong[count];
        var offsets = new int[count];
        var lengths = new int[count];
        for (var i = 0; i < count; i++)
        {
            order[i] = i;
            (offsets[i], lengths[i]) = place(i);
        }

        var pending = new Stack<(int From, int To, int Depth)>();
        pending.Push((0, count, 0));
        while (pending.TryPop(out var range))
        {
            for (var i = range.From; i < range.To; i++)
            {
                keys[i] = Key(names.AsSpan(offsets[order[i]], lengths[order[i]]), range.Depth);
            }

            Array.Sort(keys, order, range.From, range.To - range.From);
            for (int from = range.From, to; from < range.To; from = to)
            {
                for (to = from + 1; to < range.To && keys[to] == keys[from]; to++)
                {
                }

                if (to - from < 2)
                {
                    continue;
                }

                // No name holds a NUL, so a zero last byte means that all of them end here and are equal.
                if ((byte)keys[from] == 0)
                {
                    Array.Sort(order, from, to - from);
                }
                else
                {
                    pending.Push((from, to, range.Depth + Step));
                }
            }
        }

        return order;
    }

    private static ulong Key(ReadOnlySpan<byte> name, int depth)
    {
        if (depth >= name.Length)
        {
            return 0;
        }

        var rest = name[depth..];
        if (rest.Length >= Step)
        {
            return BinaryPrimitives.ReadUInt64BigEndian(rest);
        }

        var key = 0ul;
        for (var i = 0; i < rest.Length; i++)
        {
            key |= (ulong)rest[i] << (56 - 8 * i);
        }

        return key;
    }
}
