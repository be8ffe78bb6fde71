using System.Text;
using Klp.Base;

namespace Klp.Elf;

public sealed partial class ElfFile
{
    private static ReadOnlySpan<byte> Bitcode => [(byte)'B', (byte)'C', 0xc0, 0xde];

    private static ReadOnlySpan<byte> Magic => [0x7f, (byte)'E', (byte)'L', (byte)'F'];

    /// <summary>Whether the bytes start like any ELF file.</summary>
    public static bool IsElf(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Magic);

    /// <summary>
    /// Reads a file's bytes. Every offset, size and index that the model relies on is checked; contents of sections are not.
    /// </summary>
    /// <param name="bytes">The whole file; kept and shared, not copied.</param>
    /// <param name="path">For messages only.</param>
    /// <returns>Null with KLP0600 (no ELF), KLP0601 (out of bounds), KLP0602 (32-bit), KLP0604 (strings), KLP0605 (symbol table), KLP0606 (numbering) or KLP0607 (overlapping sections).</returns>
    public static ElfFile? Read(ReadOnlyMemory<byte> bytes, string path, DiagnosticBag diagnostics) => new ElfReader(bytes, path, diagnostics).Read();

    private sealed class ElfReader(ReadOnlyMemory<byte> bytes, string path, DiagnosticBag diagnostics)
    {
        private const string DamagedCure = "Build or copy the file again; if another tool wrote it, look at it with readelf -a.";

        private readonly List<(uint Name, ElfSection Section)> _sections = [];
        private ByteOrder _order;

        public ElfFile? Read()
        {
            var span = bytes.Span;
            if (!IsElf(span))
            {
                return Fail("KLP0600",
                    span.IsEmpty ? "This file is empty." : span.StartsWith(Bitcode) ? "This is LLVM's intermediate code (-flto), no ELF file." : "This is no ELF file.",
                    span.StartsWith(Bitcode) ? "Compile without -flto." : "Give an object file or kernel module; a compressed one ends in .xz, .zst or .gz.");
            }

            if (span.Length < HeaderSize)
            {
                return Fail("KLP0601", $"The file is cut off inside its ELF header: {span.Length} of {HeaderSize} bytes are there.", DamagedCure);
            }

            if (span[4] != 2)
            {
                return Fail("KLP0602", "This is a 32-bit ELF file (or one of an unknown class). Only 64-bit kernels are supported.",
                    "Look at which compiler made it: no -m32, and KlpCrossPrefix for a kernel of another machine.");
            }

            if (span[5] is not (1 or 2))
            {
                return Fail("KLP0600", $"The ELF header names byte order {span[5]}, which does not exist.", DamagedCure);
            }

            _order = (ByteOrder)span[5];
            var file = new ElfFile
            {
                ByteOrder = _order,
                OsAbi = span[7],
                AbiVersion = span[8],
                Type = (ElfType)_order.ReadUInt16(span[16..]),
                Machine = (ElfMachine)_order.ReadUInt16(span[18..]),
                Flags = _order.ReadUInt32(span[48..]),
            };
            return ReadSections(file) && ReadSymbols(file) ? file : null;
        }

        private bool ReadSections(ElfFile file)
        {
            var span = bytes.Span;
            var tableOffset = _order.ReadUInt64(span[40..]);
            var entrySize = _order.ReadUInt16(span[58..]);
            var count = _order.ReadUInt16(span[60..]);
            var names = _order.ReadUInt16(span[62..]);
            var isCountable = count is > 0 and < SpecialSection.LowReserve;
            if (!isCountable || entrySize != SectionHeaderSize)
            {
                Fail(isCountable ? "KLP0601" : "KLP0606", !isCountable
                    ? "The file has no section headers, or more than an ELF header can count; the kernel's module loader refuses both."
                    : $"Section headers are {entrySize} bytes each where a 64-bit file has {SectionHeaderSize}.");
                return false;
            }

            if (!Fits(tableOffset, (ulong)count * SectionHeaderSize))
            {
                Fail("KLP0601", $"The section headers (at {tableOffset:#,0}, {count} of them) end behind the file, which has {bytes.Length:#,0} bytes. The file is cut off or damaged.", DamagedCure);
                return false;
            }

            for (var index = 0; index < count; index++)
            {
                if (!ReadSection(index, span.Slice((int)tableOffset + index * SectionHeaderSize, SectionHeaderSize)))
                {
                    return false;
                }
            }

            if (!AreSectionsApart(tableOffset, (ulong)count * SectionHeaderSize) || !NameSections(names))
            {
                return false;
            }

            file.Sections.AddRange(_sections.Select(s => s.Section));
            file.SectionNamesIndex = names;
            file._recordedHeaderOffset = tableOffset;
            file.Trailer = bytes[(int)EndOfClaimedBytes(tableOffset, count)..];
            return true;
        }

        private bool ReadSection(int index, ReadOnlySpan<byte> header)
        {
            var type = (SectionType)_order.ReadUInt32(header[4..]);
            var offset = _order.ReadUInt64(header[24..]);
            var size = _order.ReadUInt64(header[32..]);
            var hasBytes = type is not (SectionType.NoBits or SectionType.Null);
            if (hasBytes && !Fits(offset, size))
            {
                Fail("KLP0601", $"Section {index} (at {offset:#,0}, {size:#,0} bytes) ends behind the file, which has {bytes.Length:#,0} bytes. The file is cut off or damaged.", DamagedCure);
                return false;
            }

            var section = new ElfSection
            {
                Name = "",
                Type = type,
                Flags = (SectionFlags)_order.ReadUInt64(header[8..]),
                Address = _order.ReadUInt64(header[16..]),
                Data = hasBytes ? bytes.Slice((int)offset, (int)size) : default,
                NoBitsSize = hasBytes ? 0 : size,
                Link = _order.ReadUInt32(header[40..]),
                Info = _order.ReadUInt32(header[44..]),
                Alignment = _order.ReadUInt64(header[48..]),
                EntrySize = _order.ReadUInt64(header[56..]),
                RecordedOffset = offset,
            };
            _sections.Add((_order.ReadUInt32(header), section));
            return true;
        }

        /// <summary>
        /// No tool lets two sections share bytes, and a file in which many share the same would grow without bound when it is written.
        /// </summary>
        private bool AreSectionsApart(ulong tableOffset, ulong tableSize)
        {
            var places = new List<Claim>(_sections.Count + 2);
            for (var index = 0; index < _sections.Count; index++)
            {
                if (_sections[index].Section is { Data.Length: > 0 } section)
                {
                    places.Add(new Claim(section.RecordedOffset, section.RecordedOffset + (ulong)section.Data.Length, index));
                }
            }

            places.Add(new Claim(0, HeaderSize, Claim.Header));
            places.Add(new Claim(tableOffset, tableOffset + tableSize, Claim.SectionHeaders));
            places.Sort();
            for (var i = 1; i < places.Count; i++)
            {
                var (first, second) = (places[i - 1], places[i]);
                if (second.Offset < first.End)
                {
                    Fail("KLP0607", $"{first} ({first.Offset:#,0} to {first.End:#,0}) and {second} (from {second.Offset:#,0}) share bytes of the file. The file is damaged.", DamagedCure);
                    return false;
                }
            }

            return true;
        }

        private bool NameSections(int namesIndex)
        {
            if (namesIndex >= _sections.Count || _sections[namesIndex].Section.Type != SectionType.StringTable)
            {
                Fail("KLP0604", $"Section names should be in section {namesIndex}, which is no string table.", DamagedCure);
                return false;
            }

            var names = _sections[namesIndex].Section.Data.Span;
            var budget = NameBudget(names.Length, _sections.Count);
            foreach (var (offset, section) in _sections)
            {
                if (StringAt(names, offset, ref budget) is not { } name)
                {
                    Fail("KLP0604", $"A section's name (at {offset}) lies outside the table of section names.", DamagedCure);
                    return false;
                }

                section.Name = section.RecordedName = name;
                section.RecordedNameOffset = offset;
            }

            return true;
        }

        private bool ReadSymbols(ElfFile file)
        {
            var tables = file.Sections.Index().Where(s => s.Item.Type == SectionType.SymbolTable).ToList();
            if (tables.Count == 0)
            {
                return true;
            }

            if (tables.Count > 1 || file.Sections.Any(s => s.Type == SectionType.ExtendedSectionIndex))
            {
                Fail("KLP0606", tables.Count > 1
                    ? $"The file has {tables.Count} symbol tables; a module must have exactly one."
                    : "The file uses extended section numbering (SHT_SYMTAB_SHNDX), which the kernel's module loader does not know.");
                return false;
            }

            var table = tables[0].Item;
            if (table.EntrySize != ElfSymbol.EntrySize || table.Data.Length % ElfSymbol.EntrySize != 0 || table.Data.Length == 0)
            {
                Fail("KLP0605", $"The symbol table has {table.Data.Length} bytes and entries of {table.EntrySize}; entries must be {ElfSymbol.EntrySize} bytes and at least one.", DamagedCure);
                return false;
            }

            if (table.Link >= (uint)file.Sections.Count || file.Sections[(int)table.Link].Type != SectionType.StringTable)
            {
                Fail("KLP0605", $"The symbol table's names should be in section {table.Link}, which is no string table.", DamagedCure);
                return false;
            }

            return ReadSymbolTable(file, table.Data.Span, file.Sections[(int)table.Link].Data.Span);
        }

        private bool ReadSymbolTable(ElfFile file, ReadOnlySpan<byte> data, ReadOnlySpan<byte> names)
        {
            file.Symbols.Capacity = data.Length / ElfSymbol.EntrySize;
            var budget = NameBudget(names.Length, file.Symbols.Capacity);
            for (; data.Length > 0; data = data[ElfSymbol.EntrySize..])
            {
                var nameOffset = _order.ReadUInt32(data);
                if (StringAt(names, nameOffset, ref budget) is not { } name)
                {
                    Fail("KLP0604", $"The name of symbol {file.Symbols.Count} (at {nameOffset}) lies outside the string table.", DamagedCure);
                    return false;
                }

                file.Symbols.Add(new ElfSymbol
                {
                    Name = name,
                    RecordedName = name,
                    RecordedNameOffset = nameOffset,
                    Binding = (SymbolBinding)(data[4] >> 4),
                    Type = (SymbolType)(data[4] & 0xf),
                    Other = data[5],
                    SectionIndex = _order.ReadUInt16(data[6..]),
                    Value = _order.ReadUInt64(data[8..]),
                    Size = _order.ReadUInt64(data[16..]),
                });
            }

            return true;
        }

        private ulong EndOfClaimedBytes(ulong tableOffset, int count)
        {
            var end = tableOffset + (ulong)count * SectionHeaderSize;
            foreach (var (_, section) in _sections)
            {
                if (section.Type is not (SectionType.NoBits or SectionType.Null))
                {
                    end = Math.Max(end, section.RecordedOffset + (ulong)section.Data.Length);
                }
            }

            return end;
        }

        private bool Fits(ulong offset, ulong size) => offset <= (ulong)bytes.Length && size <= (ulong)bytes.Length - offset;

        /// <summary>
        /// How many characters names may have together. Names share bytes of their table (equal ones, tails of others), but many long ones
        /// that share the same would take memory out of all proportion to the file.
        /// </summary>
        private static long NameBudget(int tableSize, int names) => 8L * tableSize + 64L * names;

        private static string? StringAt(ReadOnlySpan<byte> table, uint offset, ref long budget)
        {
            if (offset >= (uint)table.Length)
            {
                return offset == 0 ? "" : null;
            }

            var end = table[(int)offset..].IndexOf((byte)0);
            budget -= end;
            return end < 0 || budget < 0 ? null : Encoding.Latin1.GetString(table.Slice((int)offset, end));
        }

        private ElfFile? Fail(string id, string message, string? cure = null)
        {
            diagnostics.Error(id, path, message, cure);
            return null;
        }

        /// <summary>Bytes of the file that something claims for itself; in order of their place, then as they were found.</summary>
        /// <param name="Number">The section's, or one of the two that are none.</param>
        private sealed record Claim(ulong Offset, ulong End, int Number) : IComparable<Claim>
        {
            public const int Header = int.MaxValue - 1;
            public const int SectionHeaders = int.MaxValue;

            public int CompareTo(Claim? other) => other is null ? 1 : Offset != other.Offset ? Offset.CompareTo(other.Offset) : Number.CompareTo(other.Number);

            public override string ToString() => Number switch { Header => "the ELF header", SectionHeaders => "the section headers", _ => $"section {Number}" };
        }
    }
}
