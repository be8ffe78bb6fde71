using System.Buffers.Binary;

namespace Klp.Elf;

/// <summary>EI_DATA: the byte order of every number in an ELF file, whatever the host's is.</summary>
public enum ByteOrder : byte
{
    Little = 1,
    Big = 2,
}

/// <summary>Numbers in a file's byte order. Bounds are the caller's: a span too short throws, so check sizes before.</summary>
public static class ByteOrderExtensions
{
    public static ushort ReadUInt16(this ByteOrder order, ReadOnlySpan<byte> from) =>
        order == ByteOrder.Little ? BinaryPrimitives.ReadUInt16LittleEndian(from) : BinaryPrimitives.ReadUInt16BigEndian(from);

    public static uint ReadUInt32(this ByteOrder order, ReadOnlySpan<byte> from) =>
        order == ByteOrder.Little ? BinaryPrimitives.ReadUInt32LittleEndian(from) : BinaryPrimitives.ReadUInt32BigEndian(from);

    public static ulong ReadUInt64(this ByteOrder order, ReadOnlySpan<byte> from) =>
        order == ByteOrder.Little ? BinaryPrimitives.ReadUInt64LittleEndian(from) : BinaryPrimitives.ReadUInt64BigEndian(from);

    public static void WriteUInt16(this ByteOrder order, Span<byte> to, ushort value)
    {
        if (order == ByteOrder.Little)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(to, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(to, value);
        }
    }

    public static void WriteUInt32(this ByteOrder order, Span<byte> to, uint value)
    {
        if (order == ByteOrder.Little)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(to, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(to, value);
        }
    }

    public static void WriteUInt64(this ByteOrder order, Span<byte> to, ulong value)
    {
        if (order == ByteOrder.Little)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(to, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt64BigEndian(to, value);
        }
    }
}
