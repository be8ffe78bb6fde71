using System.Text;
using Klp.Base;
using Klp.Elf;

namespace Klp.Symbols;

/// <summary>
/// Reads the records of the author's header (<c>klp/patch.h</c>) out of an object: the section <c>.klp.patch</c>.
/// </summary>
/// <remarks>
/// Compilers put variables further apart than their size and in an order of their own (gcc writes the last one first), so records are found
/// by symbol value and size and told in the order of the source: by translation unit, then by line.
/// </remarks>
public static class PatchRecords
{
    public const string SectionName = ".klp.patch";

    /// <summary>kind, line, position and target, before the three strings: bytes.</summary>
    private const int FixedSize = 24;
    private const int TargetOffset = 16;

    public static bool ArePresentIn(ElfFile file) => file.Sections.Exists(s => s.Name == SectionName && s.Size > 0);

    /// <summary>All records in source order, or null with KLP0540 where the section is not what the header writes.</summary>
    public static IReadOnlyList<PatchRecord>? Read(ElfFile file, DiagnosticBag diagnostics)
    {
        var found = new List<(int Unit, ulong Offset, PatchRecord Record)>();
        foreach (var (index, section) in file.Sections.Index().Where(s => s.Item.Name == SectionName && s.Item.Size > 0))
        {
            if (ReadSection(file, index, section, found) is { } problem)
            {
                diagnostics.Error("KLP0540", SourcePlace.None, $"The section {SectionName} is not what <klp/patch.h> writes: {problem}.",
                    "Build again from clean objects with this SDK's own <klp/patch.h>; nothing else may write to that section.");
                return null;
            }
        }

        return found.OrderBy(f => f.Unit).ThenBy(f => f.Record.Place.Line).ThenBy(f => f.Offset).Select(f => f.Record).ToList();
    }

    private static string? ReadSection(ElfFile file, int index, ElfSection section, List<(int Unit, ulong Offset, PatchRecord Record)> found)
    {
        if (section.Type != SectionType.ProgBits)
        {
            return $"it is of type {section.Type}";
        }

        var relocations = file.RelocationSectionsFor(index).SelectMany(file.RelocationsOf).GroupBy(r => r.Offset).ToDictionary(g => g.Key, g => g.ToList());
        var end = 0ul;
        foreach (var (unit, symbol) in RecordSymbols(file, index))
        {
            if (symbol.Value < end || symbol.Value > section.Size || symbol.Size > section.Size - symbol.Value)
            {
                return $"the record {symbol.Name} lies outside it or over another record";
            }

            if (!IsZero(section.Data.Span[(int)end..(int)symbol.Value]))
            {
                return $"there are bytes of no record before {symbol.Name}";
            }

            var bytes = section.Data.Span.Slice((int)symbol.Value, (int)symbol.Size);
            var target = relocations.Remove(symbol.Value + TargetOffset, out var own) && own.Count == 1 ? own[0] : (ElfRelocation?)null;
            if (target is null || file.SymbolOf(target.Value) is null)
            {
                return $"the record {symbol.Name} has no relocation for its target";
            }

            if (Decode(bytes, file.ByteOrder, target.Value) is not { } record)
            {
                return $"the record {symbol.Name} cannot be decoded";
            }

            found.Add((unit, symbol.Value, record));
            end = symbol.Value + symbol.Size;
        }

        return relocations.Count > 0 ? $"there is a relocation of no record at {relocations.Keys.Min()}"
            : !IsZero(section.Data.Span[(int)end..]) ? "there are bytes of no record at its end" : null;
    }

    /// <summary>The section's variables by address, each with the number of its translation unit: how many STT_FILE symbols stand before it.</summary>
    private static IEnumerable<(int Unit, ElfSymbol Symbol)> RecordSymbols(ElfFile file, int index)
    {
        var unit = 0;
        var symbols = new List<(int Unit, ElfSymbol Symbol)>();
        foreach (var symbol in file.Symbols)
        {
            unit += symbol.Type == SymbolType.File ? 1 : 0;
            if (symbol.Type == SymbolType.Object && symbol.SectionIndex == index)
            {
                symbols.Add((unit, symbol));
            }
        }

        return symbols.OrderBy(s => s.Symbol.Value);
    }

    private static PatchRecord? Decode(ReadOnlySpan<byte> bytes, ByteOrder order, ElfRelocation target)
    {
        if (bytes.Length < FixedSize)
        {
            return null;
        }

        var kind = (PatchRecordKind)order.ReadUInt32(bytes);
        var line = order.ReadUInt32(bytes[4..]);
        var strings = bytes[FixedSize..];
        if (!Enum.IsDefined(kind) || line > int.MaxValue || !Take(ref strings, out var obj) || !Take(ref strings, out var name) || !Take(ref strings, out var path)
            || !IsZero(strings))
        {
            return null;
        }

        var place = new SourcePlace(Encoding.UTF8.GetString(path), (int)line);
        return new PatchRecord(kind, Encoding.Latin1.GetString(obj), Encoding.Latin1.GetString(name), order.ReadUInt64(bytes[8..]), target, place);
    }

    private static bool Take(ref ReadOnlySpan<byte> from, out ReadOnlySpan<byte> text)
    {
        var end = from.IndexOf((byte)0);
        text = end < 0 ? [] : from[..end];
        from = end < 0 ? from : from[(end + 1)..];
        return end >= 0;
    }

    private static bool IsZero(ReadOnlySpan<byte> bytes) => bytes.IndexOfAnyExcept((byte)0) < 0;
}
