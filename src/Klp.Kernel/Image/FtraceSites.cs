using Klp.Elf;

namespace Klp.Kernel;

/// <summary>Places the compiler left for ftrace (<c>__mcount_loc</c>): a function without one cannot be patched.</summary>
public sealed class FtraceSites
{
    private readonly ulong[] _sites;
    private readonly FtraceSitePlaces _places;

    public FtraceSites(ulong[] sites, ElfMachine machine)
    {
        _sites = sites;
        Array.Sort(_sites);
        _places = FtraceSitePlaces.Of(machine);
    }

    public int Count => _sites.Length;

    /// <summary>Whether ftrace can hook the function at <paramref name="start"/> (kernel/trace/ftrace.c, ftrace_location).</summary>
    /// <param name="size">Distance to the next symbol; a site behind it is another function's.</param>
    public bool IsInside(ulong start, ulong size) => _places.HasEntry(_sites, start, size);

    /// <summary>Whether the kernel, asked for the site of this function, may take another one: see <see cref="FtraceSitePlaces.HasStray"/>.</summary>
    /// <param name="size">Distance to the next symbol.</param>
    public bool HasStray(ulong start, ulong size) => _places.HasStray(_sites, start, size);

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
