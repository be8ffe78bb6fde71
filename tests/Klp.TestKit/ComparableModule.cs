using System.Text;
using Klp.Elf;

namespace Klp.TestKit;

/// <summary>A module as sets of text lines that can be compared.</summary>
internal sealed class ComparableModule
{
    private const ushort LivepatchIndex = 0xff20;
    // What the author's header calls its table, which only our build makes.
    private const string PatchTableSymbol = "__klp_objects";

    private static readonly string[] Unimportant = [".note.gnu.build-id", ".modinfo", "__versions", "__version_ext_crcs", "__version_ext_names", ".BTF", ".BTF.base"];
    private readonly ElfFile _file;

    public ComparableModule(ElfFile file)
    {
        _file = file;
        var loaded = file.Sections.Index().Where(s => s.Item.IsAlloc && IsCompared(s.Item.Name) && !IsRelocation(s.Item)).ToList();
        Sections = loaded.GroupBy(s => s.Item.Name).ToDictionary(g => g.Key, g => Describe(g.First().Index, g.First().Item, g.Count()));
        Defined = [.. file.Symbols.Where(IsComparedSymbol).Select(Describe)];
        Undefined = [.. file.Symbols.Skip(1).Where(s => s.IsUndefined || s.SectionIndex == LivepatchIndex).Select(s => PlainName(s.Name)).Where(n => n.Length > 0 && n != PatchTableSymbol).Distinct()];
        Livepatch = [.. file.Symbols.Where(s => s.SectionIndex == LivepatchIndex).Select(s => (ObjectOf(s.Name), PlainName(s.Name)))];
        Modinfo = [.. Strings(".modinfo")];
        Versions = [.. ReadVersions()];
    }

    public string Header => $"{_file.Type} {_file.Machine} {_file.ByteOrder} flags {_file.Flags:x} abi {_file.OsAbi}";

    public IReadOnlyDictionary<string, ComparableSection> Sections { get; }

    public IReadOnlyList<string> Defined { get; }

    public IReadOnlyList<string> Undefined { get; }

    /// <summary>Object and plain name of every livepatch symbol.</summary>
    public IReadOnlyList<(string Object, string Name)> Livepatch { get; }

    public IReadOnlyList<string> Modinfo { get; }

    public IReadOnlyList<string> Versions { get; }

    // The records of the author's header and the tables made of them.
    private static bool IsPatchTable(string name) => name.StartsWith(".klp.patch", StringComparison.Ordinal) || name is ".data..klp" or ".rodata..klp" || name.StartsWith(".klp.", StringComparison.Ordinal);

    private static bool IsCompared(string name) => !Unimportant.Contains(name) && !IsPatchTable(name);

    private static bool IsRelocation(ElfSection section) => section.Type is SectionType.RelocationWithAddend or SectionType.Relocation;

    /// <summary><c>.klp.sym.object.name,position</c> is <c>name</c> again, and so is the annotation <c>.klp.sym.rela.patched.object.name.position</c>.</summary>
    private static string PlainName(string name)
    {
        if (name.StartsWith(".klp.sym.rela.", StringComparison.Ordinal))
        {
            // The position may be a file's name, ".@file.c"; objects have no dots.
            var parts = name.Split(".@")[0].Split('.');
            return string.Join('.', name.Contains(".@", StringComparison.Ordinal) ? parts[6..] : parts[6..^1]);
        }

        if (!name.StartsWith(".klp.sym.", StringComparison.Ordinal))
        {
            return name;
        }

        var dot = name.IndexOf('.', ".klp.sym.".Length);
        var comma = name.LastIndexOf(',');
        return dot < 0 || comma < dot ? name : name[(dot + 1)..comma];
    }

    private static string ObjectOf(string name)
    {
        var start = ".klp.sym.".Length;
        var dot = name.Length > start ? name.IndexOf('.', start) : -1;
        return dot < 0 ? "" : name[start..dot];
    }

    private ComparableSection Describe(int index, ElfSection section, int count)
    {
        var link = section.Flags.HasFlag(SectionFlags.LinkOrder) && section.Link < _file.Sections.Count ? " of " + _file.Sections[(int)section.Link].Name : "";
        // A group is for linkers: ours is the last one and resolves it, ld -r hands it on.
        var header = $"{section.Type} {section.Flags & ~SectionFlags.Group} size {section.Size} align {Math.Max(1, section.Alignment)} entries {section.EntrySize}{link} x{count}";
        // The plain relocation section and those for livepatch symbols.
        var relocations = _file.RelocationSectionsFor(index).SelectMany(_file.RelocationsOf);
        return new ComparableSection(header, section.Data.ToArray(), [.. relocations.Select(Describe).OfType<string>()]);
    }

    private string? Describe(ElfRelocation relocation)
    {
        var symbol = _file.SymbolOf(relocation);
        var section = symbol is null ? null : _file.SectionOf(symbol);
        if (section is not null && IsPatchTable(section.Name) || symbol?.Name == PatchTableSymbol)
        {
            return null;
        }

        var meaning = section is null ? $"{PlainName(symbol?.Name ?? "?")}{relocation.Addend:+#;-#;+0}" : $"{section.Name}{(long)symbol!.Value + relocation.Addend:+#;-#;+0}";
        return $"0x{relocation.Offset:x} type {relocation.Type} {meaning}";
    }

    // The compiler numbers its helper variables anew in every file, and modpost's own file does not exist for us.
    private bool IsComparedSymbol(ElfSymbol symbol) => symbol.Type is not (SymbolType.Section or SymbolType.File) && symbol.IsInSection
        && _file.SectionOf(symbol) is { IsAlloc: true } section && IsCompared(section.Name) && section.Name is not (".note.Linux" or ".orc_header")
        // arm64's assembler marks where data begins, also in modpost's own file.
        && !(symbol.Name.StartsWith("$d", StringComparison.Ordinal) && section.Name == ".gnu.linkonce.this_module");

    private string Describe(ElfSymbol symbol) =>
        $"{symbol.Name} in {_file.SectionOf(symbol)!.Name}+0x{symbol.Value:x} size {symbol.Size} {symbol.Binding} {symbol.Type} other {symbol.Other}";

    private IEnumerable<string> Strings(string section) => _file.Sections.Where(s => s.Name == section)
        .SelectMany(s => Encoding.Latin1.GetString(s.Data.Span).Split('\0', StringSplitOptions.RemoveEmptyEntries));

    private IEnumerable<string> ReadVersions()
    {
        if (_file.FindSection("__versions") is { } basic)
        {
            for (var at = 0; at + 64 <= basic.Data.Length; at += 64)
            {
                yield return $"0x{_file.ByteOrder.ReadUInt64(basic.Data.Span[at..]):x8} {Encoding.Latin1.GetString(basic.Data.Span.Slice(at + 8, 56)).TrimEnd('\0')}";
            }
        }

        if (_file.FindSection("__version_ext_crcs") is { } crcs)
        {
            foreach (var (i, name) in Strings("__version_ext_names").Index())
            {
                yield return $"extended 0x{_file.ByteOrder.ReadUInt32(crcs.Data.Span[(i * 4)..]):x8} {name}";
            }
        }
    }
}
