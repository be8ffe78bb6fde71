using System.Text;
using Klp.Elf;

namespace Klp.TestKit;

/// <summary>
/// Writes a kernel's embedded symbol table in any of its layouts, byte by byte from the description of the format: the decoder's counterpart, sharing no code with it.
/// </summary>
public static class SyntheticKallsyms
{
    /// <summary>The tables' bytes.</summary>
    /// <param name="symbols">In ascending address.</param>
    /// <param name="tableAddress">Address of the first byte; place-relative offsets count from there.</param>
    public static byte[] Encode(IReadOnlyList<SyntheticSymbol> symbols, SyntheticLayout layout, ByteOrder order, ulong relativeBase, ulong tableAddress)
    {
        var tokens = new SyntheticTokens(symbols.Select(s => s.Type + s.Name));
        var writer = new Writer(order);
        var isOld = layout is SyntheticLayout.Offsets54 or SyntheticLayout.PlainOffsets54 or SyntheticLayout.Addresses54 or SyntheticLayout.Sequence62;
        if (isOld)
        {
            Addresses(writer, symbols, layout, relativeBase, tableAddress);
        }

        writer.U32((uint)symbols.Count);
        writer.Align();
        var markers = new List<uint>();
        var start = writer.Length;
        for (var i = 0; i < symbols.Count; i++)
        {
            if (i % 256 == 0)
            {
                markers.Add((uint)(writer.Length - start));
            }

            var codes = tokens.Encoded[i];
            if (codes.Length >= 0x80)
            {
                writer.Byte((byte)(0x80 | (codes.Length & 0x7f)));
                writer.Byte((byte)(codes.Length >> 7));
            }
            else
            {
                writer.Byte((byte)codes.Length);
            }

            writer.Bytes(codes);
        }

        writer.Align();
        markers.ForEach(writer.U32);
        writer.Align();
        if (layout == SyntheticLayout.Sequence62)
        {
            Sequence(writer, symbols);
        }

        Tokens(writer, tokens);
        if (!isOld)
        {
            Addresses(writer, symbols, layout, relativeBase, tableAddress);
            Sequence(writer, symbols);
        }

        return writer.ToArray();
    }

    private static void Addresses(Writer writer, IReadOnlyList<SyntheticSymbol> symbols, SyntheticLayout layout, ulong relativeBase, ulong tableAddress)
    {
        foreach (var (address, type, _) in symbols)
        {
            switch (layout)
            {
                case SyntheticLayout.Addresses54 or SyntheticLayout.Addresses65:
                    writer.U64(address);
                    break;
                case SyntheticLayout.PlaceRelative7:
                    writer.U32((uint)(address - (tableAddress + (ulong)writer.Length)));
                    break;
                case SyntheticLayout.Offsets54 or SyntheticLayout.Sequence62 or SyntheticLayout.Offsets65:
                    writer.U32(type is 'A' ? (uint)address : (uint)(relativeBase - 1 - address));
                    break;
                default:
                    writer.U32((uint)(address - relativeBase));
                    break;
            }
        }

        writer.Align();
        if (layout is not (SyntheticLayout.Addresses54 or SyntheticLayout.Addresses65 or SyntheticLayout.PlaceRelative7))
        {
            writer.U64(relativeBase);
        }
    }

    /// <summary>kallsyms_seqs_of_names: each symbol's number in order of names, 3 bytes, high byte first.</summary>
    private static void Sequence(Writer writer, IReadOnlyList<SyntheticSymbol> symbols)
    {
        foreach (var (_, index) in symbols.Select((s, i) => (s.Name, i)).OrderBy(s => s.Name, StringComparer.Ordinal).ThenBy(s => s.i))
        {
            writer.Bytes([(byte)(index >> 16), (byte)(index >> 8), (byte)index]);
        }

        writer.Align();
    }

    private static void Tokens(Writer writer, SyntheticTokens tokens)
    {
        var offsets = new List<ushort>();
        var offset = 0;
        foreach (var token in tokens.Tokens)
        {
            offsets.Add((ushort)offset);
            writer.Bytes(Encoding.Latin1.GetBytes(token));
            writer.Byte(0);
            offset += token.Length + 1;
        }

        writer.Align();
        offsets.ForEach(writer.U16);
        writer.Align();
    }

    private sealed class Writer(ByteOrder order)
    {
        private readonly MemoryStream _stream = new();

        public int Length => (int)_stream.Length;

        public void Byte(byte value) => _stream.WriteByte(value);

        public void Bytes(ReadOnlySpan<byte> value) => _stream.Write(value);

        public void U16(ushort value)
        {
            Span<byte> bytes = stackalloc byte[2];
            order.WriteUInt16(bytes, value);
            _stream.Write(bytes);
        }

        public void U32(uint value)
        {
            Span<byte> bytes = stackalloc byte[4];
            order.WriteUInt32(bytes, value);
            _stream.Write(bytes);
        }

        public void U64(ulong value)
        {
            Span<byte> bytes = stackalloc byte[8];
            order.WriteUInt64(bytes, value);
            _stream.Write(bytes);
        }

        public void Align()
        {
            while (_stream.Length % 8 != 0)
            {
                _stream.WriteByte(0);
            }
        }

        public byte[] ToArray() => _stream.ToArray();
    }
}
