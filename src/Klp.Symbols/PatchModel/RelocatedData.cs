using System.Text;
using Klp.Elf;

namespace Klp.Symbols;

/// <summary>
/// Reads pointers, numbers and strings out of an object's data as they will be once its relocations are applied. Every question about a
/// place outside the file is answered with null.
/// </summary>
internal sealed class RelocatedData
{
    private const int LongestString = 4096;

    private readonly ElfFile _file;
    private readonly Dictionary<int, Dictionary<ulong, ElfRelocation>> _relocations = [];

    public RelocatedData(ElfFile file) => _file = file;

    /// <summary>The relocations of one section by offset; of several at one place the first counts.</summary>
    public IReadOnlyDictionary<ulong, ElfRelocation> RelocationsOf(int section)
    {
        if (!_relocations.TryGetValue(section, out var found))
        {
            _relocations[section] = found = [];
            foreach (var relocation in _file.RelocationSectionsFor(section).SelectMany(_file.RelocationsOf))
            {
                found.TryAdd(relocation.Offset, relocation);
            }
        }

        return found;
    }

    public bool HasBytes(int section, ulong offset, ulong count) =>
        section > 0 && section < _file.Sections.Count && _file.Sections[section].Size is var size && offset <= size && count <= size - offset;

    public ElfRelocation? RelocationAt(int section, ulong offset) =>
        RelocationsOf(section).TryGetValue(offset, out var relocation) ? relocation : null;

    /// <summary>A 64-bit number that no relocation changes.</summary>
    public ulong? Number(int section, ulong offset) =>
        !HasBytes(section, offset, 8) || RelocationAt(section, offset) is not null ? null
        : _file.Sections[section].Type == SectionType.NoBits ? 0
        : _file.ByteOrder.ReadUInt64(_file.Sections[section].Data.Span[(int)offset..]);

    /// <summary>The text that a relocated pointer points at, or null.</summary>
    public string? StringBehind(ElfRelocation relocation)
    {
        var (section, offset) = SymbolPlace.Of(_file, relocation);
        if (!HasBytes(section, offset, 1) || _file.Sections[section].Type == SectionType.NoBits)
        {
            return null;
        }

        var bytes = _file.Sections[section].Data.Span[(int)offset..];
        var end = bytes[..Math.Min(bytes.Length, LongestString)].IndexOf((byte)0);
        return end < 0 ? null : Encoding.Latin1.GetString(bytes[..end]);
    }
}
