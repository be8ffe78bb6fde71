namespace Klp.Elf.Dwarf;

/// <summary>
/// Reads DWARF's numbers and strings one after the other. Reading past the end gives zeros and sets <see cref="IsBroken"/>; nothing throws.
/// </summary>
internal ref struct DwarfCursor(ReadOnlySpan<byte> data, int start, int end, ByteOrder order)
{
    private readonly ReadOnlySpan<byte> _data = data[..end];
    private readonly ByteOrder _order = order;

    /// <summary>Bytes from the start of the section, not of the unit: relocations count so.</summary>
    public int Position { get; private set; } = start;

    public bool IsBroken { get; private set; }

    public readonly bool IsAtEnd => IsBroken || Position >= _data.Length;

    public byte Byte() => Take(1) is { Length: 1 } bytes ? bytes[0] : (byte)0;

    public ushort UInt16() => Take(2) is { Length: 2 } bytes ? _order.ReadUInt16(bytes) : (ushort)0;

    public uint UInt32() => Take(4) is { Length: 4 } bytes ? _order.ReadUInt32(bytes) : 0;

    public ulong UInt64() => Take(8) is { Length: 8 } bytes ? _order.ReadUInt64(bytes) : 0;

    public ulong Unsigned(int size) => size switch
    {
        1 => Byte(),
        2 => UInt16(),
        4 => UInt32(),
        8 => UInt64(),
        _ => Broken(),
    };

    /// <summary>unsigned LEB128; bits above 64 are dropped.</summary>
    public ulong Leb()
    {
        var value = 0UL;
        for (var shift = 0; !IsAtEnd; shift += 7)
        {
            var piece = Byte();
            value |= shift < 64 ? (ulong)(piece & 0x7f) << shift : 0;
            if (piece < 0x80)
            {
                return value;
            }
        }

        return Broken();
    }

    /// <summary>signed LEB128.</summary>
    public long SignedLeb()
    {
        var value = 0L;
        for (var shift = 0; !IsAtEnd;)
        {
            var piece = Byte();
            value |= shift < 64 ? (long)(piece & 0x7f) << shift : 0;
            shift += 7;
            if (piece < 0x80)
            {
                return shift < 64 && (piece & 0x40) != 0 ? value | (-1L << shift) : value;
            }
        }

        return (long)Broken();
    }

    /// <summary>Passes a string that ends with NUL and returns its length.</summary>
    public int SkipText()
    {
        var length = IsAtEnd ? -1 : _data[Position..].IndexOf((byte)0);
        if (length < 0)
        {
            return (int)Broken();
        }

        Position += length + 1;
        return length;
    }

    public void Skip(ulong count) => Take(count);

    public void MoveTo(int position)
    {
        Position = position;
        IsBroken |= position > _data.Length;
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (IsBroken || count > (ulong)(_data.Length - Position))
        {
            Broken();
            return default;
        }

        var taken = _data.Slice(Position, (int)count);
        Position += (int)count;
        return taken;
    }

    private ulong Broken()
    {
        IsBroken = true;
        return 0;
    }
}
