using Klp.Elf;

namespace Klp.Kernel;

/// <summary>
/// Finds and decodes the symbol table embedded in a kernel, in every layout since 5.4, by its structure alone (images are stripped).
/// </summary>
/// <remarks>
/// Before 6.5: offsets, relative_base (or addresses), num_syms, names, markers, [seqs_of_names 6.2+,] token_table, token_index.
/// From 6.5: num_syms, names, markers, token_table, token_index, offsets, relative_base (or addresses), seqs_of_names. scripts/kallsyms.c, write_src.
/// A distribution may backport any of it, so no version is asked.
/// </remarks>
internal static class KallsymsLocator
{
    public static KallsymsTable? Find(ReadOnlyMemory<byte> bytes, AddressMap? map)
    {
        foreach (var tokens in KallsymsTokens.FindAll(bytes))
        {
            if (KallsymsNames.Find(bytes.Span, tokens) is not { } names)
            {
                continue;
            }

            var count = names.Starts.Length;
            foreach (var (addressing, at) in Candidates(names, tokens, count))
            {
                if (Addresses(bytes.Span, tokens.Order, addressing, at, count, map) is { } addresses)
                {
                    return new KallsymsTable(names.Bytes, names.Starts, tokens.Tokens, addresses, addressing, tokens.Order);
                }
            }
        }

        return null;
    }

    /// <summary>Where the addresses can be, likeliest first. The order matters: plain offsets also pass as place-relative ones.</summary>
    private static IEnumerable<(KallsymsAddressing Addressing, int Offset)> Candidates(KallsymsNames names, KallsymsTokens tokens, int count)
    {
        var before = names.CountOffset - 8 - Align8(4 * count);
        yield return (KallsymsAddressing.BaseRelativeAbsolutePercpu, before);
        yield return (KallsymsAddressing.BaseRelative, before);
        yield return (KallsymsAddressing.BaseRelativeAbsolutePercpu, Align8(tokens.IndexEnd));
        yield return (KallsymsAddressing.BaseRelative, Align8(tokens.IndexEnd));
        yield return (KallsymsAddressing.Absolute, names.CountOffset - 8 * count);
        yield return (KallsymsAddressing.Absolute, Align8(tokens.IndexEnd));

        // Tables of 32-bit values alone are aligned to 4 (7.x). Where 8 it is after all, the gap's zero does not ascend to what follows.
        yield return (KallsymsAddressing.PlaceRelative, Align4(tokens.IndexEnd));
        yield return (KallsymsAddressing.PlaceRelative, Align8(tokens.IndexEnd));
        yield return (KallsymsAddressing.PlaceRelative, names.CountOffset - Align8(4 * count));
    }

    /// <summary>Decoded addresses, or null unless they never descend: the kernel's own binary search depends on that.</summary>
    private static ulong[]? Addresses(ReadOnlySpan<byte> bytes, ByteOrder order, KallsymsAddressing addressing, int at, int count, AddressMap? map)
    {
        var width = addressing == KallsymsAddressing.Absolute ? 8 : 4;
        var size = (long)Align8(width * count) + (addressing is KallsymsAddressing.BaseRelative or KallsymsAddressing.BaseRelativeAbsolutePercpu ? 8 : 0);
        if (at < 0 || size > bytes.Length - at)
        {
            return null;
        }

        var values = bytes[at..];
        var anchor = addressing switch
        {
            KallsymsAddressing.PlaceRelative => map?.AddressOf(at) ?? (ulong)at, // a raw image: addresses count from its first byte
            KallsymsAddressing.Absolute => 0ul,
            _ => order.ReadUInt64(values[Align8(4 * count)..]),
        };
        var addresses = new ulong[count];
        var negative = 0;
        for (var i = 0; i < count; i++)
        {
            var word = width == 4 ? (int)order.ReadUInt32(values[(4 * i)..]) : 0;
            negative += word < 0 ? 1 : 0;
            var delta = (ulong)(long)word;
            addresses[i] = addressing switch
            {
                KallsymsAddressing.Absolute => order.ReadUInt64(values[(8 * i)..]),
                KallsymsAddressing.BaseRelative => anchor + (uint)word,
                KallsymsAddressing.BaseRelativeAbsolutePercpu => word >= 0 ? delta : anchor - 1 - delta,
                _ => anchor + 4 * (ulong)i + delta,
            };

            // Place-relative values span 4 GB at most and may count from an unknown base, so only their distance has a sign.
            if (i > 0 && (addressing == KallsymsAddressing.PlaceRelative ? (long)(addresses[i] - addresses[i - 1]) < 0 : addresses[i] < addresses[i - 1]))
            {
                return null;
            }
        }

        // Without one negative value the per-CPU form would read plain offsets as absolute addresses; all-zero bytes are no table.
        var isPercpuForm = addressing != KallsymsAddressing.BaseRelativeAbsolutePercpu || negative > 0;
        return isPercpuForm && addresses[^1] != addresses[0] ? addresses : null;
    }

    private static int Align4(int value) => (value + 3) & -4;

    private static int Align8(int value) => (value + 7) & -8;
}
