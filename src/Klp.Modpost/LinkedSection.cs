using Klp.Elf;

namespace Klp.Modpost;

/// <summary>One output section while it grows: its pieces with their places, and what the script puts between them.</summary>
internal sealed class LinkedSection(string name)
{
    private readonly List<(ulong Offset, byte[] Data)> _values = [];
    private bool _hasFlags;

    public string Name => name;

    public List<LinkPiece> Pieces { get; } = [];

    /// <summary>Symbols of the script, at their places.</summary>
    public List<(string Name, ulong Offset, bool OnlyIfReferenced)> Symbols { get; } = [];

    public ulong Alignment { get; private set; } = 1;

    public ulong Size { get; private set; }

    public SectionFlags Flags { get; private set; }

    public SectionType Type { get; private set; } = SectionType.NoBits;

    public ulong EntrySize { get; private set; }

    /// <summary>Index in the output; set when all sections are known.</summary>
    public int Index { get; set; }

    public bool IsEmpty => Pieces.Count == 0 && _values.Count == 0 && Symbols.Count == 0;

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
    public void Append(byte[] value, SectionType type = SectionType.ProgBits, SectionFlags flags = SectionFlags.Alloc | SectionFlags.Write)
    {
        _values.Add((Size, value));
        Size += (ulong)value.Length;
        Join(type, flags, 0);
    }

    /// <summary>The bytes, gaps filled; empty for a section without any in the file.</summary>
    public byte[] ToBytes(byte fill)
    {
        if (Type == SectionType.NoBits)
        {
            return [];
        }

        var data = new byte[Size];
        var end = 0ul;
        foreach (var piece in Pieces)
        {
            data.AsSpan((int)end, (int)(piece.Offset - end)).Fill(fill);
            piece.Section.Data.Span.CopyTo(data.AsSpan((int)piece.Offset));
            end = piece.Offset + piece.Section.Size;
        }

        foreach (var (offset, value) in _values)
        {
            value.CopyTo(data, (int)offset);
        }

        return data;
    }

    // What ld does with unlike neighbours: mergeable only if all are alike, entry size only of mergeable ones, content beats none.
    private void Join(SectionType type, SectionFlags flags, ulong entrySize)
    {
        const SectionFlags Mergeable = SectionFlags.Merge | SectionFlags.Strings;
        var drop = _hasFlags && ((Flags ^ flags) & Mergeable) != 0 || _hasFlags && flags.HasFlag(SectionFlags.Merge) && EntrySize != entrySize;
        Flags = (Flags | flags) & ~(drop ? Mergeable : SectionFlags.None);
        EntrySize = Flags.HasFlag(SectionFlags.Merge) ? entrySize : 0;
        Type = !_hasFlags || Type == SectionType.NoBits ? type : type == SectionType.NoBits || type == Type ? Type : SectionType.ProgBits;
        _hasFlags = true;
    }
}
