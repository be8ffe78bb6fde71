namespace Klp.Elf;

/// <summary>One entry of the symbol table. Its place in <see cref="ElfFile.Symbols"/> is its index.</summary>
public sealed class ElfSymbol
{
    /// <summary>Size of an Elf64_Sym in a file, bytes.</summary>
    public const int EntrySize = 24;

    public required string Name { get; set; }

    public ulong Value { get; set; }

    public ulong Size { get; set; }

    public SymbolBinding Binding { get; set; }

    public SymbolType Type { get; set; }

    /// <summary>st_other: visibility, and the local entry point on ppc64.</summary>
    public byte Other { get; set; }

    /// <summary>st_shndx: a section's index, or one of <see cref="SpecialSection"/> or another reserved value.</summary>
    public ushort SectionIndex { get; set; }

    /// <summary>Where the name stood when the file was read; the writer keeps it while the name is the same.</summary>
    internal uint RecordedNameOffset { get; set; }

    internal string? RecordedName { get; set; }

    public bool IsUndefined => SectionIndex == SpecialSection.Undefined;

    /// <summary>Lies in a section of this file, not undefined, absolute, common or otherwise reserved.</summary>
    public bool IsInSection => SectionIndex is > 0 and < SpecialSection.LowReserve;

    public ElfSymbol Clone() => (ElfSymbol)MemberwiseClone();

    public override string ToString() => $"{Name} {Binding} {Type} section {SectionIndex:x} value {Value:x} size {Size}";
}
