using System.Buffers.Binary;

namespace Klp.Symbols;

/// <summary>
/// Where the tables of one object's symbols stand: a header of four 32-bit counts, then name offsets, first symbols, symbols (8-aligned), names, source files.
/// All numbers little-endian.
/// </summary>
internal readonly record struct ObjectSymbolsLayout(int NameCount, int SymbolCount, int NamesLength, int SourcesLength)
{
    public const int HeaderSize = 16;

    /// <summary>address u64, source i32, type u8, flags u8, section u16.</summary>
    public const int SymbolSize = 16;

    public int NameOffsetsAt => HeaderSize;

    public int FirstSymbolsAt => NameOffsetsAt + 4 * (NameCount + 1);

    public int SymbolsAt => (FirstSymbolsAt + 4 * (NameCount + 1) + 7) & -8;

    public int NamesAt => SymbolsAt + SymbolSize * SymbolCount;

    public int SourcesAt => NamesAt + NamesLength;

    public int Length => SourcesAt + SourcesLength;

    public static ObjectSymbolsLayout For(int names, int symbols, int namesLength, int sourcesLength) => new(names, symbols, namesLength, sourcesLength);

    /// <summary>The layout a header describes, or null where it does not fit the bytes exactly.</summary>
    public static ObjectSymbolsLayout? Read(ReadOnlySpan<byte> blob)
    {
        if (blob.Length < HeaderSize)
        {
            return null;
        }

        int names = Number(blob, 0), symbols = Number(blob, 4), namesLength = Number(blob, 8), sourcesLength = Number(blob, 12);
        const int Most = 1 << 26; // keeps the sums below 2^31
        if (names is < 0 or > Most || symbols is < 0 or > Most || namesLength < 0 || sourcesLength < 0 || names > symbols)
        {
            return null;
        }

        var length = HeaderSize + 8L * (names + 1) + 7 + (long)SymbolSize * symbols + namesLength + sourcesLength;
        var layout = new ObjectSymbolsLayout(names, symbols, namesLength, sourcesLength);
        return length < int.MaxValue && layout.Length == blob.Length ? layout : null;
    }

    public void WriteHeader(Span<byte> blob)
    {
        BinaryPrimitives.WriteInt32LittleEndian(blob, NameCount);
        BinaryPrimitives.WriteInt32LittleEndian(blob[4..], SymbolCount);
        BinaryPrimitives.WriteInt32LittleEndian(blob[8..], NamesLength);
        BinaryPrimitives.WriteInt32LittleEndian(blob[12..], SourcesLength);
    }

    private static int Number(ReadOnlySpan<byte> blob, int at) => BinaryPrimitives.ReadInt32LittleEndian(blob[at..]);
}
