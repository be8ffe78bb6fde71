using System.Buffers.Binary;
using System.Text;
using Klp.Base;

namespace Klp.Symbols;

/// <summary>
/// Symbols of one object over the bytes <see cref="ObjectSymbolsBuilder"/> made, in memory or mapped from the cache. A look-up decodes what it returns and nothing else;
/// every number read is checked, so that no content of a cache file can lead outside it.
/// </summary>
internal sealed class ObjectSymbols
{
    private readonly ListedNames? _listed;
    private readonly Lazy<Tables> _tables;

    private ObjectSymbols(string name, ListedNames? listed, Lazy<Tables> tables) => (Object, _listed, _tables) = (name, listed, tables);

    public string Object { get; }

    /// <summary>Symbols, homonyms counted.</summary>
    public int Count => _listed?.Count ?? Layout.SymbolCount;

    /// <summary>The tables' bytes.</summary>
    public ReadOnlyMemory<byte> Bytes => _tables.Value.Bytes;

    public int NameCount => Layout.NameCount;

    private ObjectSymbolsLayout Layout => _tables.Value.Layout;

    /// <summary>Null where the bytes are no symbols.</summary>
    public static ObjectSymbols? Open(string name, ReadOnlyMemory<byte> blob) =>
        ObjectSymbolsLayout.Read(blob.Span) is { } layout ? new ObjectSymbols(name, null, new Lazy<Tables>(new Tables(blob, layout))) : null;

    /// <summary>Over an object of a symbol list: tables are made when something else than a name is looked for.</summary>
    public static ObjectSymbols Of(string name, ListedNames listed) => new(name, listed, new Lazy<Tables>(() =>
    {
        var blob = listed.Build();
        return new Tables(blob, ObjectSymbolsLayout.Read(blob)!.Value);
    }));

    /// <summary>All symbols of exactly this name, in the kernel's order.</summary>
    public IReadOnlyList<KernelSymbol> Find(string name)
    {
        var bytes = Latin1.Bytes(name);
        if (_listed is not null && !_tables.IsValueCreated)
        {
            var count = _listed.CountOf(bytes);
            return [.. Enumerable.Range(1, count).Select(position => new KernelSymbol(Object, name, 0, '?', position, count, false, null))];
        }

        var found = SymbolsOf(Search(bytes));
        GC.KeepAlive(this); // a mapping lives as long as this object; spans do not hold it
        return found;
    }

    /// <summary>Whether there is a symbol of this name.</summary>
    public bool Contains(ReadOnlySpan<byte> name) => Search(name) >= 0;

    /// <summary>Symbols of this name with or without <c>.llvm.&lt;hash&gt;</c>, as one group: how kernels 6.2 to 6.10 built with LTO compare.</summary>
    public IReadOnlyList<KernelSymbol> FindIgnoringLlvmSuffix(string name)
    {
        if (name.Contains(LlvmSuffix, StringComparison.Ordinal))
        {
            return []; // the kernel compares with the suffix cut off its own names, so no name with one is ever found
        }

        var found = Find(name).Concat(NamesWithPrefix(name + LlvmSuffix).SelectMany(Find)).OrderBy(s => s.Address).ToList();
        return [.. found.Select((symbol, i) => symbol with { Position = i + 1, Count = found.Count })];
    }

    private const string LlvmSuffix = ".llvm.";

    /// <summary>Names that start so, sorted.</summary>
    public IReadOnlyList<string> NamesWithPrefix(string prefix)
    {
        var bytes = Latin1.Bytes(prefix);
        var from = LowerBound(bytes);
        var names = new List<string>();
        for (; from < NameCount && Name(from).StartsWith(bytes); from++)
        {
            names.Add(Encoding.Latin1.GetString(Name(from)));
        }

        GC.KeepAlive(this);
        return names;
    }

    /// <summary>The bytes of the name with this number; numbers are in sorted order.</summary>
    public ReadOnlySpan<byte> Name(int index)
    {
        var from = Number(Layout.NameOffsetsAt, index);
        var to = Number(Layout.NameOffsetsAt, index + 1);
        return from < 0 || to < from || to > Layout.NamesLength ? default : Bytes.Span[(Layout.NamesAt + from)..(Layout.NamesAt + to)];
    }

    public IReadOnlyList<KernelSymbol> SymbolsOf(int nameIndex)
    {
        if (nameIndex < 0)
        {
            return [];
        }

        var from = Number(Layout.FirstSymbolsAt, nameIndex);
        var to = Number(Layout.FirstSymbolsAt, nameIndex + 1);
        if (from < 0 || to < from || to > Layout.SymbolCount)
        {
            return [];
        }

        var name = Encoding.Latin1.GetString(Name(nameIndex));
        var symbols = new KernelSymbol[to - from];
        for (var i = 0; i < symbols.Length; i++)
        {
            symbols[i] = Symbol(name, from + i, i + 1, symbols.Length);
        }

        return MarkTimingDependent(symbols);
    }

    private KernelSymbol Symbol(string name, int index, int position, int count)
    {
        var record = Bytes.Span.Slice(Layout.SymbolsAt + ObjectSymbolsLayout.SymbolSize * index, ObjectSymbolsLayout.SymbolSize);
        var flags = (SymbolFlags)record[13];
        return new KernelSymbol(
            Object, name, BinaryPrimitives.ReadUInt64LittleEndian(record), (char)record[12], position, count, flags.HasFlag(SymbolFlags.Init),
            Source(BinaryPrimitives.ReadInt32LittleEndian(record[8..])))
        {
            HasFtraceEntry = flags.HasFlag(SymbolFlags.FtraceKnown) ? flags.HasFlag(SymbolFlags.FtraceEntry) : null,
            HasStrayFtraceSite = flags.HasFlag(SymbolFlags.FtraceStray),
            SectionIndex = BinaryPrimitives.ReadUInt16LittleEndian(record[14..]),
        };
    }

    /// <summary>In a module, symbols behind one in init memory move up when that is freed. vmlinux keeps its whole table.</summary>
    private KernelSymbol[] MarkTimingDependent(KernelSymbol[] symbols)
    {
        var firstInit = Object == Kernel.ObjectName.Vmlinux ? -1 : Array.FindIndex(symbols, s => s.IsInit);
        if (firstInit < 0)
        {
            return symbols;
        }

        return [.. symbols.Select((s, i) => i > firstInit && !s.IsInit ? s with { IsTimingDependent = true } : s)];
    }

    private string? Source(int index)
    {
        if (index <= 0 || index > Layout.SourcesLength)
        {
            return null;
        }

        var text = Bytes.Span.Slice(Layout.SourcesAt, Layout.SourcesLength)[(index - 1)..];
        var end = text.IndexOf((byte)0);
        return end < 0 ? null : Encoding.Latin1.GetString(text[..end]);
    }

    private int Search(ReadOnlySpan<byte> name)
    {
        var index = LowerBound(name);
        return index < NameCount && Name(index).SequenceEqual(name) ? index : -1;
    }

    private int LowerBound(ReadOnlySpan<byte> name)
    {
        int low = 0, high = NameCount;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (Name(middle).SequenceCompareTo(name) < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private int Number(int table, int index) => BinaryPrimitives.ReadInt32LittleEndian(Bytes.Span[(table + 4 * index)..]);

    private sealed record Tables(ReadOnlyMemory<byte> Bytes, ObjectSymbolsLayout Layout);
}
