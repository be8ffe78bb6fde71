using Klp.Base;
using Klp.Elf.Dwarf;

namespace Klp.Elf;

/// <summary>
/// From a place in a relocatable object (section, offset) to the file and line of the C source, out of <c>.debug_line</c>.
/// Making one costs next to nothing; the data is decoded at the first question, and a good build asks none.
/// </summary>
/// <remarks>
/// DWARF 2 to 5, 32- and 64-bit form, both byte orders, gcc's and clang's. Absent or broken data answers every question with null.
/// The object is remembered as it was when <see cref="Read(ElfFile)"/> was called: editing it later changes no answer.
/// </remarks>
public sealed class LineTable
{
    private readonly Lazy<Dictionary<int, LineRow[]>> _rows;
    private readonly string? _mapFrom;
    private readonly string? _mapTo;

    private LineTable(Lazy<Dictionary<int, LineRow[]>> rows, string? mapFrom, string? mapTo) => (_rows, _mapFrom, _mapTo) = (rows, mapFrom, mapTo);

    /// <summary>Knows no line at all.</summary>
    public static LineTable Empty { get; } = new(new Lazy<Dictionary<int, LineRow[]>>(() => []), null, null);

    /// <summary>Whether anybody has asked for a line yet.</summary>
    public bool IsDecoded => _rows.IsValueCreated;

    public static LineTable Read(ElfFile file) => Read(file, null, null);

    /// <summary>As <see cref="Read(ElfFile)"/>, undoing a compiler's <c>-ffile-prefix-map=mapTo=mapFrom</c>: names below <paramref name="mapFrom"/> are told as below <paramref name="mapTo"/>.</summary>
    public static LineTable Read(ElfFile file, string? mapFrom, string? mapTo) =>
        LineSections.Of(file) is { } sections ? new LineTable(new Lazy<Dictionary<int, LineRow[]>>(() => LineProgram.ReadAll(sections)), mapFrom, mapTo) : Empty;

    /// <summary>The line whose code covers <paramref name="offset"/> of section <paramref name="sectionIndex"/>, or null where that is not known.</summary>
    public SourcePlace? Find(int sectionIndex, ulong offset) => Find(sectionIndex, offset, _ => true);

    /// <summary>The same, but where the code was inlined from a header, the line of the source before it.</summary>
    public SourcePlace? FindInSource(int sectionIndex, ulong offset) => Find(sectionIndex, offset, name => !name.EndsWith(".h", StringComparison.Ordinal)) ?? Find(sectionIndex, offset);

    private SourcePlace? Find(int sectionIndex, ulong offset, Func<string, bool> accepts)
    {
        if (!_rows.Value.TryGetValue(sectionIndex, out var rows))
        {
            return null;
        }

        // The last row at or before the offset; of several rows at one address the last one counts.
        var (low, high) = (0, rows.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = rows[middle].Offset <= offset ? (middle + 1, high) : (low, middle);
        }

        // Line 0 is the compilers' "no line of its own": the line before it in the same run of code is the useful answer.
        for (var at = low - 1; at >= 0 && rows[at].Unit is not null; at--)
        {
            if (rows[at].Line != 0 && rows[at].Unit?.NameOf(rows[at].File) is { Length: > 0 } name && accepts(name))
            {
                return new SourcePlace(Map(name), rows[at].Line, rows[at].Column);
            }
        }

        return null;
    }

    private string Map(string name)
    {
        if (_mapFrom?.TrimEnd('/') is not { } prefix || _mapTo is null)
        {
            return name;
        }

        var isBelow = name.StartsWith(prefix, StringComparison.Ordinal) && name.Length > prefix.Length && name[prefix.Length] == '/';
        return isBelow ? _mapTo.TrimEnd('/') + name[prefix.Length..] : name;
    }
}
