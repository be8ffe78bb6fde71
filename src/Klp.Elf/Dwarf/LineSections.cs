using System.IO.Compression;

namespace Klp.Elf.Dwarf;

/// <summary>The sections a line program needs, with the relocations that a linker would have applied; a snapshot of the object.</summary>
internal sealed class LineSections
{
    // Line data of the largest kernel module is some 10 MB; a header that claims more than this is broken or hostile.
    private const ulong LargestDecompressed = 256 << 20;

    private readonly ReadOnlyMemory<byte>[] _relocations;
    private readonly (ushort Section, ulong Value)[] _symbols;

    private LineSections(ElfFile file, int lineIndex)
    {
        ByteOrder = file.ByteOrder;
        (Line, _isLineCompressed) = (file.Sections[lineIndex].Data, IsCompressed(file.Sections[lineIndex]));
        (LineStrings, _isLineStringsCompressed) = Snapshot(file.FindSection(".debug_line_str"));
        (Strings, _isStringsCompressed) = Snapshot(file.FindSection(".debug_str"));
        _relocations = file.RelocationSectionsFor(lineIndex).Select(s => s.Data).ToArray();
        _symbols = file.Symbols.Select(s => (s.SectionIndex, s.Value)).ToArray();
    }

    private readonly bool _isLineCompressed;
    private readonly bool _isLineStringsCompressed;
    private readonly bool _isStringsCompressed;

    public ByteOrder ByteOrder { get; }

    public ReadOnlyMemory<byte> Line { get; private set; }

    public ReadOnlyMemory<byte> LineStrings { get; private set; }

    public ReadOnlyMemory<byte> Strings { get; private set; }

    public static LineSections? Of(ElfFile file)
    {
        var index = file.IndexOf(".debug_line");
        return index < 0 || file.Sections[index].Data.IsEmpty ? null : new LineSections(file, index);
    }

    /// <summary>Undoes SHF_COMPRESSED; sections that cannot be undone become empty.</summary>
    public void Decompress()
    {
        Line = _isLineCompressed ? Decompress(Line) : Line;
        LineStrings = _isLineStringsCompressed ? Decompress(LineStrings) : LineStrings;
        Strings = _isStringsCompressed ? Decompress(Strings) : Strings;
    }

    /// <summary>Relocated values by their place in <c>.debug_line</c>: the symbol's section, and symbol value plus addend.</summary>
    /// <remarks>Every 64-bit architecture here uses RELA, and only plain absolute relocations occur in this section, so the type does not matter.</remarks>
    public Dictionary<ulong, (int Section, ulong Value)> RelocatedValues()
    {
        var values = new Dictionary<ulong, (int, ulong)>();
        foreach (var relocation in _relocations.SelectMany(data => ElfRelocation.ReadAll(data.Span, ByteOrder)))
        {
            if (relocation.SymbolIndex < (uint)_symbols.Length)
            {
                var (section, value) = _symbols[relocation.SymbolIndex];
                values[relocation.Offset] = (section, value + (ulong)relocation.Addend);
            }
        }

        return values;
    }

    private static (ReadOnlyMemory<byte> Data, bool IsCompressed) Snapshot(ElfSection? section) =>
        section is null ? (default, false) : (section.Data, IsCompressed(section));

    private static bool IsCompressed(ElfSection section) => section.Flags.HasFlag(SectionFlags.Compressed);

    private ReadOnlyMemory<byte> Decompress(ReadOnlyMemory<byte> data)
    {
        // Elf64_Chdr: type, reserved, size, alignment. Type 1 is zlib; zstd data stays unread.
        const int headerSize = 24;
        if (data.Length < headerSize || ByteOrder.ReadUInt32(data.Span) != 1 || ByteOrder.ReadUInt64(data.Span[8..]) is var size && size > LargestDecompressed)
        {
            return default;
        }

        try
        {
            using var packed = new MemoryStream(data[headerSize..].ToArray());
            using var unpacked = new ZLibStream(packed, CompressionMode.Decompress);
            using var result = new MemoryStream();
            var buffer = new byte[1 << 16];
            for (var read = unpacked.Read(buffer); read > 0 && (ulong)result.Length < size; read = unpacked.Read(buffer))
            {
                result.Write(buffer, 0, read);
            }

            return result.ToArray();
        }
        catch (InvalidDataException)
        {
            return default;
        }
    }
}
