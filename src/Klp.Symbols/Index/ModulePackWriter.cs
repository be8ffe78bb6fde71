using System.Buffers.Binary;

namespace Klp.Symbols;

/// <summary>Writes a <see cref="ModulePack"/>: containers as they come, from any thread, and the directory behind them.</summary>
internal sealed class ModulePackWriter
{
    private readonly Stream _stream;
    private readonly Lock _lock = new();
    private readonly SortedDictionary<ulong, Entry> _entries = [];

    public ModulePackWriter(Stream stream)
    {
        _stream = stream;
        stream.Write(new byte[ModulePack.HeaderSize]);
    }

    /// <summary>Adds the container of a module file that had this stamp before it was read.</summary>
    public void Add(string file, FileStamp stamp, ReadOnlySpan<byte> container)
    {
        lock (_lock)
        {
            // Of two files with one key one is not kept; it is read again when it is asked for.
            if (_entries.TryAdd(ModulePack.KeyOf(file), new Entry(stamp, _stream.Position, container.Length)))
            {
                _stream.Write(container);
                _stream.Write(stackalloc byte[-container.Length & 7]);
            }
        }
    }

    public void End()
    {
        var directory = new byte[_entries.Count * ModulePack.EntrySize];
        var at = directory.AsSpan();
        foreach (var (key, entry) in _entries)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(at, key);
            BinaryPrimitives.WriteInt64LittleEndian(at[8..], entry.Stamp.Length);
            BinaryPrimitives.WriteInt64LittleEndian(at[16..], entry.Stamp.Ticks);
            BinaryPrimitives.WriteInt64LittleEndian(at[24..], entry.Start);
            BinaryPrimitives.WriteInt64LittleEndian(at[32..], entry.Length);
            at = at[ModulePack.EntrySize..];
        }

        Span<byte> header = stackalloc byte[ModulePack.HeaderSize];
        ModulePack.Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], IndexFile.Version);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], _entries.Count);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], _stream.Position);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], _stream.Position + directory.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], ModulePack.Checksum(header, directory));
        _stream.Write(directory);
        _stream.Position = 0;
        _stream.Write(header);
    }

    private readonly record struct Entry(FileStamp Stamp, long Start, int Length);
}
