using System.Buffers.Binary;
using System.Text;

namespace Klp.Symbols;

/// <summary>
/// The cache's container: named parts, each with a checksum that is compared when the part is first asked for. All numbers little-endian.
/// Header: magic, version u32, parts u32, length u64, checksum u64 of header and directory; directory: name length, start, length u32 each, checksum u64, name.
/// </summary>
internal sealed class IndexFile
{
    /// <summary>Goes up with every change of layout or of what is put into it; other versions are rebuilt.</summary>
    public const int Version = 5;

    private const int HeaderSize = 40;
    private const int EntrySize = 20;
    private const int MostParts = 1 << 16;

    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly Dictionary<string, (int At, int Length, ulong Checksum)> _parts;

    private IndexFile(ReadOnlyMemory<byte> bytes, Dictionary<string, (int, int, ulong)> parts)
    {
        _bytes = bytes;
        _parts = parts;
    }

    private static ReadOnlySpan<byte> Magic => "KLPINDEX"u8;

    public IReadOnlyCollection<string> Names => _parts.Keys;

    /// <summary>Null where the bytes are no index of this version, cut off or damaged.</summary>
    public static IndexFile? Open(ReadOnlyMemory<byte> bytes)
    {
        var span = bytes.Span;
        if (span.Length < HeaderSize || !span.StartsWith(Magic) || BinaryPrimitives.ReadInt32LittleEndian(span[8..]) != Version
            || BinaryPrimitives.ReadInt64LittleEndian(span[16..]) != span.Length)
        {
            return null;
        }

        var count = BinaryPrimitives.ReadInt32LittleEndian(span[12..]);
        var directory = BinaryPrimitives.ReadInt32LittleEndian(span[24..]);
        if (count is < 0 or > MostParts || directory < HeaderSize || directory > span.Length || BinaryPrimitives.ReadUInt64LittleEndian(span[32..]) != HeaderChecksum(span, directory))
        {
            return null;
        }

        var parts = new Dictionary<string, (int, int, ulong)>(count);
        var at = HeaderSize;
        for (var i = 0; i < count; i++)
        {
            if (directory - at < EntrySize)
            {
                return null;
            }

            var entry = span[at..];
            int name = BinaryPrimitives.ReadInt32LittleEndian(entry), start = BinaryPrimitives.ReadInt32LittleEndian(entry[4..]), length = BinaryPrimitives.ReadInt32LittleEndian(entry[8..]);
            at += EntrySize;
            if (name < 0 || name > directory - at || start < directory || length < 0 || start > span.Length || length > span.Length - start)
            {
                return null;
            }

            parts[Encoding.UTF8.GetString(span.Slice(at, name))] = (start, length, BinaryPrimitives.ReadUInt64LittleEndian(entry[12..]));
            at += name;
        }

        return new IndexFile(bytes, parts);
    }

    /// <summary>A part's bytes; null where there is none of that name or its checksum is wrong.</summary>
    public ReadOnlyMemory<byte>? Part(string name)
    {
        if (!_parts.TryGetValue(name, out var part))
        {
            return null;
        }

        var bytes = _bytes.Slice(part.At, part.Length);
        // Without the cast null would become an empty array, and that an empty part.
        return IndexChecksum.Of(bytes.Span) == part.Checksum ? bytes : (ReadOnlyMemory<byte>?)null;
    }

    /// <summary>The container's bytes for some parts.</summary>
    public static byte[] Write(IReadOnlyList<(string Name, ReadOnlyMemory<byte> Bytes)> parts)
    {
        var names = parts.Select(p => Encoding.UTF8.GetBytes(p.Name)).ToArray();
        var directory = HeaderSize + names.Sum(n => EntrySize + n.Length);
        var starts = new int[parts.Count];
        var length = directory;
        for (var i = 0; i < parts.Count; i++)
        {
            starts[i] = (length + 7) & -8;
            length = starts[i] + parts[i].Bytes.Length;
        }

        var bytes = new byte[length];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), parts.Count);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(24), directory);
        var at = HeaderSize;
        for (var i = 0; i < parts.Count; i++)
        {
            var entry = bytes.AsSpan(at);
            BinaryPrimitives.WriteInt32LittleEndian(entry, names[i].Length);
            BinaryPrimitives.WriteInt32LittleEndian(entry[4..], starts[i]);
            BinaryPrimitives.WriteInt32LittleEndian(entry[8..], parts[i].Bytes.Length);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[12..], IndexChecksum.Of(parts[i].Bytes.Span));
            names[i].CopyTo(entry[EntrySize..]);
            parts[i].Bytes.Span.CopyTo(bytes.AsSpan(starts[i]));
            at += EntrySize + names[i].Length;
        }

        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(32), HeaderChecksum(bytes, directory));
        return bytes;
    }

    // The checksum's own field is left out by starting twice.
    private static ulong HeaderChecksum(ReadOnlySpan<byte> bytes, int directory) =>
        IndexChecksum.Of(bytes[..32]) ^ ulong.RotateLeft(IndexChecksum.Of(bytes[HeaderSize..directory]), 17);
}
