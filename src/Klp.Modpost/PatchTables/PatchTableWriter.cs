using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;

namespace Klp.Modpost;

/// <summary>Writes the tables as the C compiler would have written static arrays of the kernel's structs.</summary>
/// <remarks>
/// In <c>.data</c>, for the kernel keeps its kobjects, lists and flags in them for the patch's whole life: never <c>.init</c>, <c>.rodata</c> or
/// <c>__ro_after_init</c>. Every byte but the fields below is zero, every array ends with a zero element, and funcs is never NULL.
/// </remarks>
internal sealed class PatchTableWriter
{
    private readonly ElfFile _file;
    private readonly LivepatchLayout _layout;
    private readonly uint _absolute;
    private readonly byte[] _data;
    private readonly List<byte> _strings = [];
    private readonly Dictionary<string, long> _stringOffsets = [];
    private readonly List<ElfRelocation> _relocations = [];
    private readonly uint _dataSymbol;
    private readonly uint _stringsSymbol;

    private PatchTableWriter(ElfFile file, LivepatchLayout layout, uint absolute, int size)
    {
        (_file, _layout, _absolute, _data) = (file, layout, absolute, new byte[size]);
        // Two dots: newer kernels' module.lds merges .data.* and .rodata.*, but not these.
        _dataSymbol = AddSection(".data..klp", SectionFlags.Write | SectionFlags.Alloc, 8);
        _stringsSymbol = AddSection(".rodata..klp", SectionFlags.Alloc, 1);
    }

    /// <summary>Adds both sections with their relocations and defines <see cref="PatchTables.ObjectsSymbol"/>.</summary>
    /// <param name="claims">Functions and callbacks, in source order.</param>
    public static void Write(ElfFile file, IReadOnlyCollection<PatchRecord> claims, LivepatchLayout layout, uint absoluteRelocationType)
    {
        // One klp_object for each normalised name, since klp_module_coming stops at the first match; in the order of first use.
        var objects = claims.GroupBy(c => ObjectName.Normalise(c.Object)).Select(g => (g.Key, Claims: g.ToList())).ToList();
        var functions = claims.Count(c => c.Kind == PatchRecordKind.Function) + objects.Count;
        var size = ((objects.Count + 1) * layout.ObjectSize) + (functions * layout.FuncSize);
        var writer = new PatchTableWriter(file, layout, absoluteRelocationType, size);

        var functionsAt = (objects.Count + 1) * layout.ObjectSize;
        foreach (var (index, (name, own)) in objects.Index())
        {
            writer.WriteObject(index * layout.ObjectSize, name, own, functionsAt);
            functionsAt = writer.WriteFunctions(functionsAt, own);
        }

        writer.Finish((ulong)((objects.Count + 1) * layout.ObjectSize));
    }

    private void WriteObject(int at, string name, List<PatchRecord> claims, int functionsAt)
    {
        if (name != ObjectName.Vmlinux)
        {
            PointToString(at + _layout.ObjectName, name);
        }

        _relocations.Add(new ElfRelocation((ulong)(at + _layout.ObjectFuncs), _dataSymbol, _absolute, functionsAt));
        foreach (var callback in claims.Where(c => c.CallbackName is not null))
        {
            var field = callback.Kind switch
            {
                PatchRecordKind.PrePatch => _layout.ObjectPrePatch,
                PatchRecordKind.PostPatch => _layout.ObjectPostPatch,
                PatchRecordKind.PreUnpatch => _layout.ObjectPreUnpatch,
                _ => _layout.ObjectPostUnpatch,
            };
            PointToTarget(at + field, callback);
        }
    }

    /// <summary>Writes one object's array and returns where the next one starts.</summary>
    private int WriteFunctions(int at, List<PatchRecord> claims)
    {
        foreach (var function in claims.Where(c => c.Kind == PatchRecordKind.Function))
        {
            PointToString(at + _layout.FuncOldName, function.Name);
            PointToTarget(at + _layout.FuncNewFunc, function);
            _file.ByteOrder.WriteUInt64(_data.AsSpan(at + _layout.FuncOldSympos), function.Position);
            at += _layout.FuncSize;
        }

        return at + _layout.FuncSize;
    }

    /// <summary>Symbol and addend are the compiler's own, so that a function pointer stays what it is to the machine (ppc64's global entry).</summary>
    private void PointToTarget(int at, PatchRecord record) =>
        _relocations.Add(record.Target with { Offset = (ulong)at, Type = _absolute });

    private void PointToString(int at, string text)
    {
        if (!_stringOffsets.TryGetValue(text, out var offset))
        {
            _stringOffsets[text] = offset = _strings.Count;
            _strings.AddRange([.. Latin1.Bytes(text), 0]);
        }

        _relocations.Add(new ElfRelocation((ulong)at, _stringsSymbol, _absolute, offset));
    }

    private uint AddSection(string name, SectionFlags flags, ulong alignment)
    {
        var index = _file.AddSection(new ElfSection { Name = name, Type = SectionType.ProgBits, Flags = flags, Alignment = alignment });
        return (uint)_file.AddSymbol(new ElfSymbol { Name = "", Type = SymbolType.Section, SectionIndex = (ushort)index });
    }

    private void Finish(ulong objectsSize)
    {
        var dataIndex = _file.Symbols[(int)_dataSymbol].SectionIndex;
        _file.Sections[dataIndex].Data = _data;
        _file.Sections[_file.Symbols[(int)_stringsSymbol].SectionIndex].Data = _strings.ToArray();
        var relocations = new ElfSection
        {
            Name = ".rela.data..klp",
            Type = SectionType.RelocationWithAddend,
            Flags = SectionFlags.InfoLink,
            Alignment = 8,
            EntrySize = ElfRelocation.EntrySize,
            Link = (uint)_file.SymbolTableIndex,
            Info = dataIndex,
        };
        _file.SetRelocations(relocations, _relocations.OrderBy(r => r.Offset).ToList());
        _file.AddSection(relocations);

        var objects = _file.Symbols.Single(s => s.Name == PatchTables.ObjectsSymbol);
        (objects.SectionIndex, objects.Value, objects.Size, objects.Type) = (dataIndex, 0, objectsSize, SymbolType.Object);
    }
}
