using System.Buffers.Binary;
using Klp.Base;

namespace Klp.Symbols;

/// <summary>
/// Collects the symbols of one object in the kernel's order and lays them out for <see cref="ObjectSymbols"/>: names sorted and unique, symbols of one
/// name together and in order, so that a position is an index.
/// </summary>
internal sealed class ObjectSymbolsBuilder
{
    private readonly List<Entry> _entries;
    private readonly Dictionary<string, int> _sources = [];
    private readonly MemoryStream _sourceNames = new();
    private byte[] _names;
    private int _namesLength;

    public ObjectSymbolsBuilder(int expectedCount = 256)
    {
        _entries = new List<Entry>(expectedCount);
        _names = new byte[Math.Max(64, expectedCount * 24)];
    }

    public int Count => _entries.Count;

    /// <summary>Adds the next symbol in the kernel's order.</summary>
    public void Add(ReadOnlySpan<byte> name, ulong address, char type, SymbolFlags flags = SymbolFlags.None, int section = 0, string? sourceFile = null)
    {
        if (name.IsEmpty)
        {
            return;
        }

        if (name.Length > _names.Length - _namesLength)
        {
            Array.Resize(ref _names, Math.Max(_names.Length * 2, _namesLength + name.Length));
        }

        name.CopyTo(_names.AsSpan(_namesLength));
        _entries.Add(new Entry(_namesLength, name.Length, address, (byte)type, flags, (ushort)section, SourceIndex(sourceFile)));
        _namesLength += name.Length;
    }

    public void Add(string name, ulong address, char type, SymbolFlags flags = SymbolFlags.None, int section = 0, string? sourceFile = null)
    {
        Span<byte> buffer = stackalloc byte[512];
        var bytes = name.Length <= buffer.Length ? buffer[..Latin1.Write(name, buffer)] : Latin1.Bytes(name);
        Add(bytes, address, type, flags, section, sourceFile);
    }

    /// <summary>The finished tables (<see cref="ObjectSymbols"/> has the layout).</summary>
    public byte[] Build()
    {
        var order = NameSort.Order(_names, _entries.Count, i => (_entries[i].NameOffset, _entries[i].NameLength));
        var unique = new List<int>(_entries.Count); // positions in order where a new name starts
        var namesLength = 0;
        for (var i = 0; i < order.Length; i++)
        {
            if (i == 0 || !NameOf(order[i]).SequenceEqual(NameOf(order[i - 1])))
            {
                unique.Add(i);
                namesLength += _entries[order[i]].NameLength;
            }
        }

        var layout = ObjectSymbolsLayout.For(unique.Count, _entries.Count, namesLength, (int)_sourceNames.Length);
        var blob = new byte[layout.Length];
        layout.WriteHeader(blob);
        var nameAt = 0;
        for (var i = 0; i < unique.Count; i++)
        {
            Write32(blob, layout.NameOffsetsAt + 4 * i, nameAt);
            Write32(blob, layout.FirstSymbolsAt + 4 * i, unique[i]);
            var name = NameOf(order[unique[i]]);
            name.CopyTo(blob.AsSpan(layout.NamesAt + nameAt));
            nameAt += name.Length;
        }

        Write32(blob, layout.NameOffsetsAt + 4 * unique.Count, nameAt);
        Write32(blob, layout.FirstSymbolsAt + 4 * unique.Count, _entries.Count);
        for (var i = 0; i < order.Length; i++)
        {
            var entry = _entries[order[i]];
            var record = blob.AsSpan(layout.SymbolsAt + ObjectSymbolsLayout.SymbolSize * i);
            BinaryPrimitives.WriteUInt64LittleEndian(record, entry.Address);
            BinaryPrimitives.WriteInt32LittleEndian(record[8..], entry.Source);
            record[12] = entry.Type;
            record[13] = (byte)entry.Flags;
            BinaryPrimitives.WriteUInt16LittleEndian(record[14..], entry.Section);
        }

        _sourceNames.GetBuffer().AsSpan(0, (int)_sourceNames.Length).CopyTo(blob.AsSpan(layout.SourcesAt));
        return blob;
    }

    private ReadOnlySpan<byte> NameOf(int entry) => _names.AsSpan(_entries[entry].NameOffset, _entries[entry].NameLength);

    /// <summary>Offset of the file's NUL-ended name in the source table, plus one; 0 for none.</summary>
    private int SourceIndex(string? file)
    {
        if (file is null)
        {
            return 0;
        }

        if (!_sources.TryGetValue(file, out var index))
        {
            index = (int)_sourceNames.Length + 1;
            _sources.Add(file, index);
            _sourceNames.Write(Latin1.Bytes(file));
            _sourceNames.WriteByte(0);
        }

        return index;
    }

    private static void Write32(byte[] blob, int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(blob.AsSpan(at), value);

    private readonly record struct Entry(int NameOffset, int NameLength, ulong Address, byte Type, SymbolFlags Flags, ushort Section, int Source);
}
