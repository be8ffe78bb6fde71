namespace Klp.Elf;

/// <summary>One section: its header's fields and its bytes. Its place in <see cref="ElfFile.Sections"/> is its index.</summary>
public sealed class ElfSection
{
    public required string Name { get; set; }

    public SectionType Type { get; set; }

    public SectionFlags Flags { get; set; }

    public ulong Address { get; set; }

    /// <summary>The bytes; empty for <see cref="SectionType.NoBits"/>. The symbol table's and the string tables' are made by the writer.</summary>
    public ReadOnlyMemory<byte> Data { get; set; }

    /// <summary>Size in bytes of a <see cref="SectionType.NoBits"/> section; others have their data's.</summary>
    public ulong NoBitsSize { get; set; }

    /// <summary>sh_link, a section index for most types.</summary>
    public uint Link { get; set; }

    /// <summary>sh_info: for relocations the index of the section they change, for a group its signature symbol.</summary>
    public uint Info { get; set; }

    public ulong Alignment { get; set; } = 1;

    public ulong EntrySize { get; set; }

    /// <summary>Where the section stood when the file was read (sh_offset); 0 for a new one. The writer keeps it where it can.</summary>
    public ulong RecordedOffset { get; internal set; }

    internal uint RecordedNameOffset { get; set; }

    internal string? RecordedName { get; set; }

    /// <summary>sh_size.</summary>
    public ulong Size => Type == SectionType.NoBits ? NoBitsSize : (ulong)Data.Length;

    public bool IsAlloc => Flags.HasFlag(SectionFlags.Alloc);

    public bool IsExecutable => Flags.HasFlag(SectionFlags.Executable);

    public bool HasRelocations => Type == SectionType.RelocationWithAddend;

    /// <summary>A copy that shares the (immutable) bytes.</summary>
    public ElfSection Clone() => (ElfSection)MemberwiseClone();

    public override string ToString() => $"{Name} {Type} {Flags} size {Size}";
}
