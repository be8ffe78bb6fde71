namespace Klp.Elf;

/// <summary>An Elf64_Rela.</summary>
/// <param name="Offset">Bytes from the start of the section that is relocated.</param>
/// <param name="SymbolIndex">Index into the symbol table the relocation section links to; may be out of range in a broken file.</param>
/// <param name="Type">The machine's relocation number.</param>
/// <param name="Addend">All 64 bits.</param>
public readonly record struct ElfRelocation(ulong Offset, uint SymbolIndex, uint Type, long Addend)
{
    /// <summary>Size of an Elf64_Rela in a file, bytes.</summary>
    public const int EntrySize = 24;

    /// <summary>Decodes a table; a remainder smaller than an entry is ignored.</summary>
    public static List<ElfRelocation> ReadAll(ReadOnlySpan<byte> data, ByteOrder order)
    {
        var relocations = new List<ElfRelocation>(data.Length / EntrySize);
        for (; data.Length >= EntrySize; data = data[EntrySize..])
        {
            var info = order.ReadUInt64(data[8..]);
            relocations.Add(new ElfRelocation(order.ReadUInt64(data), (uint)(info >> 32), (uint)info, (long)order.ReadUInt64(data[16..])));
        }

        return relocations;
    }

    public static byte[] WriteAll(IReadOnlyCollection<ElfRelocation> relocations, ByteOrder order)
    {
        var data = new byte[relocations.Count * EntrySize];
        var to = data.AsSpan();
        foreach (var relocation in relocations)
        {
            order.WriteUInt64(to, relocation.Offset);
            order.WriteUInt64(to[8..], ((ulong)relocation.SymbolIndex << 32) | relocation.Type);
            order.WriteUInt64(to[16..], (ulong)relocation.Addend);
            to = to[EntrySize..];
        }

        return data;
    }
}
