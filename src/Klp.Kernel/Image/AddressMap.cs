using Klp.Elf;

namespace Klp.Kernel;

/// <summary>Which bytes of a kernel image an address of the running (not relocated) kernel has.</summary>
public sealed class AddressMap
{
    private readonly (ulong Address, ulong Offset, ulong Size)[] _parts;

    private AddressMap((ulong Address, ulong Offset, ulong Size)[] parts) => _parts = parts;

    /// <summary>One run of bytes: file offset 0 has address <paramref name="addressOfStart"/>.</summary>
    public static AddressMap Linear(ulong addressOfStart, int length) => new([(addressOfStart, 0, (ulong)length)]);

    /// <summary>The PT_LOAD segments of a 64-bit ELF file; empty where its headers are no good.</summary>
    public static AddressMap OfElf(ReadOnlySpan<byte> file, ByteOrder order)
    {
        const int EntrySize = 56, Load = 1;
        var parts = new List<(ulong, ulong, ulong)>();
        if (file.Length >= ElfFile.HeaderSize)
        {
            var offset = order.ReadUInt64(file[32..]);
            var size = order.ReadUInt16(file[54..]);
            var count = order.ReadUInt16(file[56..]);
            for (var i = 0; size == EntrySize && i < count && offset <= (ulong)file.Length && (ulong)file.Length - offset >= EntrySize; i++, offset += EntrySize)
            {
                var header = file.Slice((int)offset, EntrySize);
                var from = order.ReadUInt64(header[8..]);
                var length = order.ReadUInt64(header[32..]);
                if (order.ReadUInt32(header) == Load && from <= (ulong)file.Length && length <= (ulong)file.Length - from)
                {
                    parts.Add((order.ReadUInt64(header[16..]), from, length));
                }
            }
        }

        return new AddressMap([.. parts]);
    }

    /// <summary>The offset in the file of an address with <paramref name="size"/> bytes after it, or -1.</summary>
    public int OffsetOf(ulong address, ulong size = 1)
    {
        foreach (var (start, offset, length) in _parts)
        {
            if (address >= start && address - start <= length && size <= length - (address - start))
            {
                return (int)(offset + (address - start));
            }
        }

        return -1;
    }

    /// <summary>The address of a byte of the file, or null where it is not loaded.</summary>
    public ulong? AddressOf(int offset)
    {
        foreach (var (start, from, length) in _parts)
        {
            if ((ulong)offset >= from && (ulong)offset - from < length)
            {
                return start + ((ulong)offset - from);
            }
        }

        return null;
    }
}
