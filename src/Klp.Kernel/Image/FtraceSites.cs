using Klp.Elf;

namespace Klp.Kernel;

/// <summary>Places the compiler left for ftrace (<c>__mcount_loc</c>): a function without one cannot be patched.</summary>
public sealed class FtraceSites
{
    /// <summary>
    /// A site belongs to a function if it stands this far inside it at most: behind endbr64 (4), bti, or powerpc's TOC set-up (FTRACE_MCOUNT_MAX_OFFSET and
    /// arch ftrace_call_adjust). A site farther inside is one of a weak function that the linker dropped.
    /// </summary>
    private const ulong FarthestInside = 16;

    /// <summary>arm64 with call operations leaves two instructions in front of the function and records those.</summary>
    private const ulong FarthestBefore = 8;

    private readonly ulong[] _sites;

    public FtraceSites(ulong[] sites, ElfMachine machine)
    {
        _sites = sites;
        Array.Sort(_sites);
        Before = machine == ElfMachine.AArch64 ? FarthestBefore : 0;
    }

    private ulong Before { get; }

    public int Count => _sites.Length;

    /// <summary>Whether ftrace can hook the function at <paramref name="start"/> (kernel/trace/ftrace.c, ftrace_location).</summary>
    /// <param name="size">Distance to the next symbol; a site behind it is another function's.</param>
    public bool IsInside(ulong start, ulong size)
    {
        var from = start - Math.Min(Before, start);
        var index = Array.BinarySearch(_sites, from);
        index = index < 0 ? ~index : index;
        return index < _sites.Length && _sites[index] < start + Math.Max(1, Math.Min(size, FarthestInside + 1));
    }

    /// <summary>Reads the 64-bit addresses between <c>__start_mcount_loc</c> and <c>__stop_mcount_loc</c>; zeros are removed entries.</summary>
    /// <returns>Null where the bytes are no such addresses (an image that is relocated while it boots has zeros there).</returns>
    internal static FtraceSites? Read(ReadOnlySpan<byte> table, ByteOrder order, ElfMachine machine, ulong lowest, ulong highest)
    {
        var sites = new ulong[table.Length / 8];
        var count = 0;
        for (var at = 0; at + 8 <= table.Length; at += 8)
        {
            var site = order.ReadUInt64(table[at..]);
            if (site == 0)
            {
                continue;
            }

            if (site < lowest || site > highest)
            {
                return null;
            }

            sites[count++] = site;
        }

        return count == 0 ? null : new FtraceSites(sites[..count], machine);
    }
}
