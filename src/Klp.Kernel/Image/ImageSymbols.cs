using System.Text;
using Klp.Elf;

namespace Klp.Kernel;

/// <summary>The handful of linker-script symbols that say where things are in a kernel, picked from its table in one pass.</summary>
internal sealed class ImageSymbols
{
    private readonly Dictionary<string, ulong> _addresses = [];

    private ImageSymbols(ElfMachine machine, ByteOrder order)
    {
        Machine = machine;
        Order = order;
    }

    /// <summary>From the ELF header; arm64 for its raw Image; none where unknown.</summary>
    public ElfMachine Machine { get; }

    public ByteOrder Order { get; }

    public ulong? this[string name] => _addresses.TryGetValue(name, out var address) ? address : null;

    /// <summary>Both ends where both are there and in order.</summary>
    public (ulong Start, ulong End)? Range(string start, string end) => this[start] is { } from && this[end] is { } to && from < to ? (from, to) : null;

    public static ImageSymbols Collect(KallsymsTable table, ReadOnlySpan<byte> payload)
    {
        string[] wanted =
        [
            "linux_banner", "_text", "_stext", "_end", "__init_begin", "__init_end", "__per_cpu_start", "__per_cpu_end",
            "__start_notes", "__stop_notes", "__start_mcount_loc", "__stop_mcount_loc", "_sinittext", "_einittext",
        ];
        var isElf = ElfFile.IsElf(payload) && payload.Length >= ElfFile.HeaderSize;
        var order = table.ByteOrder;
        var machine = isElf ? (ElfMachine)order.ReadUInt16(payload[18..]) : payload.Length >= 64 && payload[56..60].SequenceEqual("ARM\x64"u8) ? ElfMachine.AArch64 : default;
        var symbols = new ImageSymbols(machine, order);
        var names = wanted.Select(Encoding.ASCII.GetBytes).ToArray();
        Span<byte> buffer = stackalloc byte[KallsymsTable.LongestName];
        for (var i = 0; i < table.Count; i++)
        {
            // All wanted names start with '_' or are the banner: one look at two bytes spares most comparisons.
            var length = table.Expand(i, buffer);
            if (length < 3 || buffer[1] is not ((byte)'_' or (byte)'l') || length > 20)
            {
                continue;
            }

            for (var w = 0; w < names.Length; w++)
            {
                if (buffer[1..length].SequenceEqual(names[w]))
                {
                    symbols._addresses.TryAdd(wanted[w], table.AddressOf(i));
                }
            }
        }

        return symbols;
    }
}
