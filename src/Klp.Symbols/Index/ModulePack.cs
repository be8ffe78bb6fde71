using System.Buffers.Binary;
using System.Text;

namespace Klp.Symbols;

/// <summary>
/// Symbol tables of all modules of a folder in one file of the cache, found by their files' paths: thousands of small files take longer to write than to fill.
/// An entry is believed while its module file has the size and time it had. All numbers little-endian.
/// Header: magic, version u32, entries u32, start of the directory u64, length u64, checksum u64 of header and directory; then <see cref="IndexFile"/> containers;
/// directory, by ascending key: key u64, size and time of the module file u64 each, start u64, length u64.
/// </summary>
internal sealed class ModulePack
{
    public const int HeaderSize = 40;
    public const int EntrySize = 40;

    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly int _directory;

    private ModulePack(ReadOnlyMemory<byte> bytes, int directory, int count) => (_bytes, _directory, Count) = (bytes, directory, count);

    public static ReadOnlySpan<byte> Magic => "KLPMODS\n"u8;

    /// <summary>Modules that the pack has.</summary>
    public int Count { get; }

    /// <summary>Null where there is none of this version, or it is cut off or damaged.</summary>
    public static ModulePack? Open(string path)
    {
        if (MappedFile.Open(path) is not { Length: >= HeaderSize } bytes)
        {
            return null;
        }

        var span = bytes.Span;
        if (!span.StartsWith(Magic) || BinaryPrimitives.ReadInt32LittleEndian(span[8..]) != IndexFile.Version || BinaryPrimitives.ReadInt64LittleEndian(span[24..]) != span.Length)
        {
            return null;
        }

        var count = BinaryPrimitives.ReadInt32LittleEndian(span[12..]);
        var directory = BinaryPrimitives.ReadInt64LittleEndian(span[16..]);
        return count >= 0 && directory >= HeaderSize && directory <= span.Length && span.Length - directory == (long)count * EntrySize
            && BinaryPrimitives.ReadUInt64LittleEndian(span[32..]) == Checksum(span, span[(int)directory..])
            ? new ModulePack(bytes, (int)directory, count)
            : null;
    }

    /// <summary>The symbols of a module file as it stands now, or null.</summary>
    public SymbolTables? Find(string file) => FileStamp.Of(file) is { } stamp && Container(file, stamp) is { } container ? Read(container, file) : null;

    /// <summary>The bytes of a module's container where it is of this state of the file and sound.</summary>
    public ReadOnlyMemory<byte>? SoundContainer(string file, FileStamp stamp) =>
        Container(file, stamp) is { } container && Read(container, file) is not null ? container : (ReadOnlyMemory<byte>?)null;

    /// <summary>A container for a module file's tables.</summary>
    public static byte[] ContainerOf(string file, SymbolTables tables) => IndexFile.Write(tables.ToParts(file));

    public static ulong KeyOf(string file) => IndexChecksum.Of(Encoding.UTF8.GetBytes(file));

    /// <summary>The checksum's own field is left out.</summary>
    public static ulong Checksum(ReadOnlySpan<byte> header, ReadOnlySpan<byte> directory) =>
        IndexChecksum.Of(header[..(HeaderSize - 8)]) ^ ulong.RotateLeft(IndexChecksum.Of(directory), 17);

    // Two paths may have one key: the container says which it is of.
    private static SymbolTables? Read(ReadOnlyMemory<byte> container, string file) => IndexFile.Open(container) is { } index ? SymbolTables.FromParts(index, file) : null;

    private ReadOnlyMemory<byte>? Container(string file, FileStamp stamp)
    {
        var directory = _bytes.Span[_directory..];
        var key = KeyOf(file);
        int low = 0, high = Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = Number(directory, middle, 0) < key ? (middle + 1, high) : (low, middle);
        }

        if (low == Count || Number(directory, low, 0) != key || Number(directory, low, 8) != (ulong)stamp.Length || Number(directory, low, 16) != (ulong)stamp.Ticks)
        {
            return null;
        }

        ulong start = Number(directory, low, 24), length = Number(directory, low, 32);
        return start <= (ulong)_directory && length <= (ulong)_directory - start ? _bytes.Slice((int)start, (int)length) : (ReadOnlyMemory<byte>?)null;
    }

    private static ulong Number(ReadOnlySpan<byte> directory, int entry, int field) => BinaryPrimitives.ReadUInt64LittleEndian(directory[(entry * EntrySize + field)..]);
}
