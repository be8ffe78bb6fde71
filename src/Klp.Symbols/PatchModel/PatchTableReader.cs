using Klp.Base;
using Klp.Elf;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>
/// Finds and reads the kernel's own patch tables in an object or a module: <c>klp_patch</c>, its <c>klp_object</c> array, their <c>klp_func</c> arrays.
/// </summary>
/// <remarks>
/// A <c>klp_patch</c> is recognised by its shape, for its name is the author's: the <c>mod</c> field is relocated to <c>__this_module</c> and <c>objs</c> to
/// writable data. Arrays end as kernel/livepatch/core.c ends its loops: klp_for_each_object_static (neither funcs nor name),
/// klp_for_each_func_static (neither old_name nor new_func nor old_sympos).
/// </remarks>
internal sealed class PatchTableReader
{
    /// <summary>More elements than any patch has: many objects that share one endless array would take forever.</summary>
    private const int MaximumElements = 100_000;

    private readonly ElfFile _file;
    private readonly LivepatchLayout _layout;
    private readonly LineTable _lines;
    private readonly RelocatedData _data;
    private readonly PlacedSymbols _symbols;
    private readonly List<UnterminatedTable> _unterminated = [];
    private int _elements;
    private string? _obstacle;

    private PatchTableReader(ElfFile file, LivepatchLayout layout, LineTable lines)
    {
        (_file, _layout, _lines) = (file, layout, lines);
        _data = new RelocatedData(file);
        _symbols = new PlacedSymbols(file);
    }

    public static PatchModel Read(ElfFile file, LivepatchLayout layout, LineTable lines) => new PatchTableReader(file, layout, lines).Read();

    private PatchModel Read()
    {
        var sizes = new[] { _layout.FuncSize - 8, _layout.ObjectSize - 8, _layout.PatchSize - 8 };
        var candidates = sizes.Any(s => s < 0) ? [] : Candidates().ToList();
        var patches = candidates.Where(c => c.Objects is not null).ToList();
        if (patches.Count == 0)
        {
            var callsEnable = _file.Symbols.Exists(s => s.Name == "klp_enable_patch" && s.IsUndefined);
            return callsEnable || candidates.Count > 0
                ? new PatchModel { Objects = [], IsReadable = false, HasPatch = true, Obstacle = "no klp_patch with a table of objects is in its data, so it is made when the module is loaded" }
                : PatchModel.None;
        }

        var objects = patches.Select(p => p.Objects.GetValueOrDefault()).Distinct().SelectMany(o => ReadObjects(o.Section, o.Offset)).ToList();
        return new PatchModel { Objects = objects, IsReadable = _obstacle is null, HasPatch = true, Obstacle = _obstacle, Unterminated = _unterminated, Replaces = patches.Exists(p => Replaces(p.Section, p.Offset)) };
    }

    private bool Replaces(int section, ulong patch) => _layout.PatchReplace is { } field && _data.HasBytes(section, patch + (ulong)field, 1)
        && _file.Sections[section] is { Type: SectionType.ProgBits } holder && holder.Data.Span[(int)(patch + (ulong)field)] != 0;

    /// <summary>Places that may be a klp_patch; without objects where the struct has the right size and that field is filled in later.</summary>
    private IEnumerable<(int Section, ulong Offset, (int Section, ulong Offset)? Objects)> Candidates()
    {
        foreach (var (index, _) in _file.Sections.Index().Where(s => IsWritableData(s.Item)))
        {
            foreach (var relocation in _data.RelocationsOf(index).Values.Where(r => r.Addend == 0 && IsThisModule(r)).OrderBy(r => r.Offset))
            {
                var start = relocation.Offset - (ulong)_layout.PatchModule;
                if (relocation.Offset < (ulong)_layout.PatchModule || !_data.HasBytes(index, start, (ulong)_layout.PatchSize) || IsOfAnotherSize(index, start))
                {
                    continue;
                }

                var objects = _data.RelocationAt(index, start + (ulong)_layout.PatchObjects);
                if (objects is null)
                {
                    yield return (index, start, null);
                }
                else if (SymbolPlace.Of(_file, objects.Value) is { Section: > 0 } place && IsWritableData(_file.Sections[place.Section])
                    && _data.HasBytes(place.Section, place.Offset, (ulong)_layout.ObjectSize))
                {
                    yield return (index, start, place);
                }
            }
        }
    }

    /// <summary>Another struct with an owner field: the variable that starts here is smaller or larger than a klp_patch, and no variable is one that contains it.</summary>
    private bool IsOfAnotherSize(int section, ulong offset)
    {
        var variable = _symbols.VariableAt(section, offset);
        return variable is not null && (variable.Value == offset ? variable.Size != (ulong)_layout.PatchSize && variable.Size % (ulong)_layout.PatchSize != 0
            : variable.Value + variable.Size < offset + (ulong)_layout.PatchSize);
    }

    private bool IsThisModule(ElfRelocation relocation) => _file.SymbolOf(relocation) is { } symbol
        && (symbol.Name == "__this_module" || (symbol.Type == SymbolType.Section && _file.SectionOf(symbol)?.Name == ".gnu.linkonce.this_module"));

    private static bool IsWritableData(ElfSection section) =>
        section.Type is SectionType.ProgBits or SectionType.NoBits && section.IsAlloc && !section.IsExecutable && section.Flags.HasFlag(SectionFlags.Write);

    private List<PatchedObject> ReadObjects(int section, ulong start)
    {
        var objects = new List<PatchedObject>();
        var end = EndOfArray(section, start);
        for (var at = start; ; at += (ulong)_layout.ObjectSize)
        {
            if (IsPastEnd(section, start, at, _layout.ObjectSize, end, () => objects.SelectMany(o => o.Functions).LastOrDefault()))
            {
                return objects;
            }

            var name = _data.RelocationAt(section, at + (ulong)_layout.ObjectName);
            var functions = _data.RelocationAt(section, at + (ulong)_layout.ObjectFuncs);
            if (name is null && functions is null)
            {
                return objects;
            }

            var text = name is null ? null : _data.StringBehind(name.Value);
            if (functions is null || (name is not null && text is null))
            {
                _obstacle ??= functions is null ? $"the object {text ?? "(without a name)"} has no table of functions" : "an object's name is no string in its data";
                continue;
            }

            objects.Add(ReadObject(section, at, text, functions.Value));
        }
    }

    private PatchedObject ReadObject(int section, ulong at, string? name, ElfRelocation functions)
    {
        var claims = ReadFunctions(functions);
        var callbacks = new (string Kind, int Field)[]
        {
            ("pre_patch", _layout.ObjectPrePatch), ("post_patch", _layout.ObjectPostPatch),
            ("pre_unpatch", _layout.ObjectPreUnpatch), ("post_unpatch", _layout.ObjectPostUnpatch),
        };
        var found = callbacks.Select(c => (c.Kind, Relocation: _data.RelocationAt(section, at + (ulong)c.Field))).Where(c => c.Relocation is not null)
            .Select(c => (c.Kind, Place: SymbolPlace.Of(_file, c.Relocation.GetValueOrDefault())))
            .Select(c => new PatchCallback(c.Kind, c.Place.Section, c.Place.Offset, LineOf(c.Place))).ToList();
        var place = new LazyPlace(() => claims.Select(c => c.Place).Concat(found.Select(c => c.Place)).FirstOrDefault(p => p.File is not null));
        return new PatchedObject(name is null ? ObjectName.Vmlinux : ObjectName.Normalise(name), claims, found, place) { WrittenName = name };
    }

    private List<PatchedFunction> ReadFunctions(ElfRelocation table)
    {
        var functions = new List<PatchedFunction>();
        var (section, start) = SymbolPlace.Of(_file, table);
        var end = EndOfArray(section, start);
        for (var at = start; ; at += (ulong)_layout.FuncSize)
        {
            if (IsPastEnd(section, start, at, _layout.FuncSize, end, functions.LastOrDefault))
            {
                return functions;
            }

            var name = _data.RelocationAt(section, at + (ulong)_layout.FuncOldName);
            var replacement = _data.RelocationAt(section, at + (ulong)_layout.FuncNewFunc);
            var position = _data.Number(section, at + (ulong)_layout.FuncOldSympos);
            if (name is null && replacement is null && position == 0)
            {
                return functions;
            }

            if (name is null || _data.StringBehind(name.Value) is not { } text || replacement is null || position is null)
            {
                _obstacle ??= "a klp_func has no constant old_name, new_func or old_sympos";
                continue;
            }

            var place = SymbolPlace.Of(_file, replacement.Value);
            functions.Add(new PatchedFunction(text, position.Value, place.Section, place.Offset, _symbols.FunctionAt(place.Section, place.Offset), LineOf(place)));
        }
    }

    /// <summary>Where an array that starts here must have ended: with its variable, or with the section.</summary>
    private ulong EndOfArray(int section, ulong start)
    {
        if (!_data.HasBytes(section, start, 0))
        {
            return 0;
        }

        var size = _file.Sections[section].Size;
        return _symbols.VariableAt(section, start) is { } variable && variable.Value + variable.Size is var end && end > start && end <= size ? end : size;
    }

    private bool IsPastEnd(int section, ulong start, ulong at, int elementSize, ulong end, Func<PatchedFunction?> last)
    {
        if (at + (ulong)elementSize <= end && ++_elements <= MaximumElements)
        {
            return false;
        }

        var name = _symbols.VariableAt(section, start)?.Name;
        _obstacle ??= _elements > MaximumElements ? "its tables have no end" : $"the table {name ?? "of an object"} has no empty element at its end";
        if (name is not null && _elements <= MaximumElements && !_unterminated.Exists(t => t.Name == name))
        {
            _unterminated.Add(new UnterminatedTable(name, last()));
        }

        return true;
    }

    private LazyPlace LineOf((int Section, ulong Offset) place) =>
        place.Section == 0 ? LazyPlace.None : new LazyPlace(() => _lines.Find(place.Section, place.Offset) ?? SourcePlace.None);
}
