using Klp.Elf;

namespace Klp.Modpost;

/// <summary>One output section while it grows: its pieces with their places, and what the script puts between them.</summary>
internal sealed class LinkedSection(string name)
{
    private readonly List<(ulong Offset, byte[] Data)> _values = [];
    private SectionFlags _flags;
    private bool _hasFlags;

    public string Name => name;

    public List<LinkPiece> Pieces { get; } = [];

    /// <summary>Symbols of the script, at their places.</summary>
    public List<(string Name, ulong Offset, bool OnlyIfReferenced)> Symbols { get; } = [];

    public ulong Alignment { get; private set; } = 1;

    public ulong Size { get; private set; }

    /// <summary>Those of its pieces; one that the script alone fills gets what ld gives a section of its name (bfd/elf.c, special_sections).</summary>
    public SectionFlags Flags => _hasFlags ? _flags : SectionFlags.Alloc | OwnFlags(name);

    public SectionType Type { get; private set; } = SectionType.NoBits;

    public ulong EntrySize { get; private set; }

    /// <summary>Index in the output; set when all sections are known.</summary>
    public int Index { get; set; }

    public bool IsEmpty => Pieces.Count == 0 && _values.Count == 0 && Symbols.Count == 0;

    private static SectionFlags OwnFlags(string name)
    {
        bool Is(string known) => name == known || name.StartsWith(known + ".", StringComparison.Ordinal);
        return Is(".text") || name is ".plt" or ".init" or ".fini" ? SectionFlags.Executable
            : Is(".data") || Is(".bss") || name == ".got" ? SectionFlags.Write : SectionFlags.None;
    }

    public void AlignTo(ulong alignment) => Alignment = Math.Max(Alignment, alignment);

    public void MoveTo(ulong place) => Size = Math.Max(Size, place);

    public void Append(LinkPiece piece)
    {
        var section = piece.Section;
        AlignTo(section.Alignment);
        piece.Output = this;
        piece.Offset = ScriptStatement.Align(Size, section.Alignment);
        Size = piece.Offset + section.Size;
        Pieces.Add(piece);
        Join(section.Type, section.Flags & ~(SectionFlags.Group | SectionFlags.InfoLink | SectionFlags.Exclude), section.EntrySize);
    }

    /// <summary>Bytes that no input section brings.</summary>
    public void Append(byte[] value)
    {
        _values.Add((Size, value));
        Size += (ulong)value.Length;
        Type = Type == SectionType.NoBits ? SectionType.ProgBits : Type;
    }

    /// <summary>
    /// Puts pieces that go with others (SHF_LINK_ORDER) into the order of those. <paramref name="placeOf"/> tells where a piece's partner lies:
    /// its offset, since a module's code sections all start at 0. Pieces of partners at the same place stay as they came.
    /// </summary>
    public void SortByLinkOrder(Func<LinkPiece, ulong> placeOf)
    {
        if (Pieces.Count < 2 || !Pieces.TrueForAll(p => p.Section.Flags.HasFlag(SectionFlags.LinkOrder)))
        {
            return;
        }

        var end = Pieces[0].Offset;
        var sorted = Pieces.OrderBy(placeOf).ToList();
        Pieces.Clear();
        foreach (var piece in sorted)
        {
            piece.Offset = ScriptStatement.Align(end, piece.Section.Alignment);
            end = piece.Offset + piece.Section.Size;
            Pieces.Add(piece);
        }
    }

    /// <summary>The bytes, gaps filled; empty for a section without any in the file.</summary>
    public byte[] ToBytes(ElfMachine machine, ByteOrder order)
    {
        if (Type == SectionType.NoBits)
        {
            return [];
        }

        var data = new byte[Size];
        var end = 0ul;
        foreach (var piece in Pieces)
        {
            if (Flags.HasFlag(SectionFlags.Executable))
            {
                CodeGap.Fill(data.AsSpan((int)end, (int)(piece.Offset - end)), machine, order);
            }

            piece.Section.Data.Span.CopyTo(data.AsSpan((int)piece.Offset));
            end = piece.Offset + piece.Section.Size;
        }

        foreach (var (offset, value) in _values)
        {
            value.CopyTo(data, (int)offset);
        }

        return data;
    }

    /// <summary>What ld does with unlike neighbours: mergeable only if all are alike, entry size only of mergeable ones, content beats none.</summary>
    public void Join(SectionType type, SectionFlags flags, ulong entrySize)
    {
        const SectionFlags Mergeable = SectionFlags.Merge | SectionFlags.Strings;
        var drop = _hasFlags && (((_flags ^ flags) & Mergeable) != 0 || (flags.HasFlag(SectionFlags.Merge) && EntrySize != entrySize));
        _flags = (_flags | flags) & ~(drop ? Mergeable : SectionFlags.None);
        _hasFlags = true;
        EntrySize = _flags.HasFlag(SectionFlags.Merge) || type is SectionType.InitArray or SectionType.FiniArray ? entrySize : 0;
        Type = Type == SectionType.NoBits ? type : type == SectionType.NoBits || type == Type ? Type : SectionType.ProgBits;
    }
}
