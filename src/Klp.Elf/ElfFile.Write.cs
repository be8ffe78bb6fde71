using System.Text;
using Klp.Base;

namespace Klp.Elf;

public sealed partial class ElfFile
{
    private ulong _recordedHeaderOffset;

    /// <summary>
    /// The file's bytes. Sections keep their recorded places where these are still free; what is new or has grown goes behind, in index order.
    /// </summary>
    /// <remarks>Names are Latin-1 both ways, so that any byte survives.</remarks>
    public byte[] Write()
    {
        EnsureTables();
        EncodeSymbols();
        var sectionNames = EncodeSectionNames();

        var layout = new Layout(this);
        var output = new byte[layout.End + (ulong)Trailer.Length];
        WriteHeader(output, layout.HeaderOffset);
        var header = output.AsSpan((int)layout.HeaderOffset);
        foreach (var (index, section) in Sections.Index())
        {
            if (section.Type is not (SectionType.NoBits or SectionType.Null))
            {
                section.Data.Span.CopyTo(output.AsSpan((int)layout.Offsets[index]));
            }

            WriteSectionHeader(header, section, sectionNames[index], layout.Offsets[index]);
            header = header[SectionHeaderSize..];
        }

        Trailer.Span.CopyTo(output.AsSpan((int)layout.End));
        return output;
    }

    /// <summary>A file built from nothing gets its three tables at the end, as assemblers write them.</summary>
    private void EnsureTables()
    {
        if (SymbolTableIndex == 0 && Symbols.Count > 1)
        {
            Sections.Add(new ElfSection { Name = ".symtab", Type = SectionType.SymbolTable, Alignment = 8, EntrySize = ElfSymbol.EntrySize, Link = (uint)Sections.Count + 1 });
            Sections.Add(new ElfSection { Name = ".strtab", Type = SectionType.StringTable, Data = new byte[1] });
        }
        else if (SymbolTableIndex is not 0 and var table && !IsStringTable(Sections[table].Link))
        {
            Sections[table].Link = (uint)AddSection(new ElfSection { Name = ".strtab", Type = SectionType.StringTable, Data = new byte[1] });
            ForgetSymbolNames();
        }

        if (SectionNamesIndex == 0 || !IsStringTable((uint)SectionNamesIndex))
        {
            ForgetSectionNames();
            Sections.Add(new ElfSection { Name = ".shstrtab", Type = SectionType.StringTable, Data = new byte[1] });
            SectionNamesIndex = Sections.Count - 1;
        }
    }

    private bool IsStringTable(uint index) => index < (uint)Sections.Count && Sections[(int)index].Type == SectionType.StringTable;

    private void EncodeSymbols()
    {
        if (SymbolTableIndex == 0)
        {
            return;
        }

        var table = Sections[SymbolTableIndex];
        var names = new StringTable(Sections[(int)table.Link].Data);
        var data = new byte[Symbols.Count * ElfSymbol.EntrySize];
        var to = data.AsSpan();
        foreach (var symbol in Symbols)
        {
            ByteOrder.WriteUInt32(to, names.Offset(symbol.Name, symbol.RecordedName, symbol.RecordedNameOffset));
            to[4] = (byte)(((int)symbol.Binding << 4) | (int)symbol.Type);
            to[5] = symbol.Other;
            ByteOrder.WriteUInt16(to[6..], symbol.SectionIndex);
            ByteOrder.WriteUInt64(to[8..], symbol.Value);
            ByteOrder.WriteUInt64(to[16..], symbol.Size);
            to = to[ElfSymbol.EntrySize..];
        }

        table.Data = data;
        Sections[(int)table.Link].Data = names.Content;
        table.Info = FirstGlobalSymbol;
    }

    private uint[] EncodeSectionNames()
    {
        var section = Sections[SectionNamesIndex];
        var names = new StringTable(section.Data);
        var offsets = Sections.Select(s => names.Offset(s.Name, s.RecordedName, s.RecordedNameOffset)).ToArray();
        section.Data = names.Content;
        return offsets;
    }

    private void WriteHeader(Span<byte> to, ulong sectionHeaderOffset)
    {
        Magic.CopyTo(to);
        to[4] = 2;
        to[5] = (byte)ByteOrder;
        to[6] = 1;
        to[7] = OsAbi;
        to[8] = AbiVersion;
        ByteOrder.WriteUInt16(to[16..], (ushort)Type);
        ByteOrder.WriteUInt16(to[18..], (ushort)Machine);
        ByteOrder.WriteUInt32(to[20..], 1);
        ByteOrder.WriteUInt64(to[40..], sectionHeaderOffset);
        ByteOrder.WriteUInt32(to[48..], Flags);
        ByteOrder.WriteUInt16(to[52..], HeaderSize);
        ByteOrder.WriteUInt16(to[58..], SectionHeaderSize);
        ByteOrder.WriteUInt16(to[60..], (ushort)Sections.Count);
        ByteOrder.WriteUInt16(to[62..], (ushort)SectionNamesIndex);
    }

    private void WriteSectionHeader(Span<byte> to, ElfSection section, uint name, ulong offset)
    {
        ByteOrder.WriteUInt32(to, name);
        ByteOrder.WriteUInt32(to[4..], (uint)section.Type);
        ByteOrder.WriteUInt64(to[8..], (ulong)section.Flags);
        ByteOrder.WriteUInt64(to[16..], section.Address);
        ByteOrder.WriteUInt64(to[24..], offset);
        ByteOrder.WriteUInt64(to[32..], section.Type == SectionType.Null ? section.NoBitsSize : section.Size);
        ByteOrder.WriteUInt32(to[40..], section.Link);
        ByteOrder.WriteUInt32(to[44..], section.Info);
        ByteOrder.WriteUInt64(to[48..], section.Alignment);
        ByteOrder.WriteUInt64(to[56..], section.EntrySize);
    }

    /// <summary>Places of sections and of the section header table. Pure: decides, moves nothing.</summary>
    private sealed class Layout
    {
        private const int ManySections = 4096;

        public Layout(ElfFile file)
        {
            Offsets = new ulong[file.Sections.Count];
            var cursor = (ulong)HeaderSize;
            var headerSize = (ulong)file.Sections.Count * SectionHeaderSize;
            var headerPlaced = false;
            var mostAlignment = file.Sections.Count <= ManySections ? 4096UL : 16;

            // Recorded places first, in their order; new sections after the last of them.
            var order = file.Sections.Index().Where(s => s.Item.Type != SectionType.Null)
                .OrderBy(s => s.Item.RecordedOffset == 0).ThenBy(s => s.Item.RecordedOffset).ThenBy(s => s.Index);
            foreach (var (index, section) in order)
            {
                var recordedHeader = file._recordedHeaderOffset;
                if (!headerPlaced && recordedHeader != 0 && recordedHeader >= cursor && section.RecordedOffset > recordedHeader)
                {
                    (HeaderOffset, headerPlaced) = (recordedHeader, true);
                    cursor = recordedHeader + headerSize;
                }

                var place = section.RecordedOffset != 0 && section.RecordedOffset >= cursor ? section.RecordedOffset : Align(cursor, section.Alignment, mostAlignment);
                Offsets[index] = place;
                cursor = section.Type == SectionType.NoBits ? cursor : place + section.Size;
            }

            if (!headerPlaced)
            {
                HeaderOffset = file._recordedHeaderOffset >= cursor ? file._recordedHeaderOffset : Align(cursor, 8, 8);
                cursor = HeaderOffset + headerSize;
            }

            End = cursor;
        }

        public ulong[] Offsets { get; }

        public ulong HeaderOffset { get; }

        public ulong End { get; }

        /// <summary>
        /// A place in the file need not satisfy an alignment in memory (the loader copies), so an absurd one is not paid for with padding.
        /// </summary>
        private static ulong Align(ulong value, ulong alignment, ulong most)
        {
            var step = Math.Min(alignment, most);
            return step <= 1 ? value : (value + step - 1) / step * step;
        }
    }

    /// <summary>A string table that only grows: known names keep their offsets, new ones are appended once.</summary>
    private sealed class StringTable(ReadOnlyMemory<byte> original)
    {
        private readonly Dictionary<string, uint> _added = [];
        private readonly List<byte[]> _appended = original.IsEmpty ? [[0]] : [];
        private int _length = Math.Max(1, original.Length);

        public ReadOnlyMemory<byte> Content
        {
            get
            {
                if (_appended.Count == 0)
                {
                    return original;
                }

                var content = new byte[_length];
                original.CopyTo(content);
                var at = original.Length;
                foreach (var piece in _appended)
                {
                    piece.CopyTo(content, at);
                    at += piece.Length;
                }

                return content;
            }
        }

        public uint Offset(string name, string? recordedName, uint recordedOffset)
        {
            if (recordedName is not null && name == recordedName)
            {
                return recordedOffset;
            }

            if (name.Length == 0)
            {
                return 0;
            }

            if (!_added.TryGetValue(name, out var offset))
            {
                offset = (uint)_length;
                _added.Add(name, offset);
                var bytes = new byte[Encoding.Latin1.GetByteCount(name) + 1];
                Latin1.Write(name, bytes);
                _appended.Add(bytes);
                _length += bytes.Length;
            }

            return offset;
        }
    }
}
