namespace Klp.Elf;

/// <summary>
/// A 64-bit ELF file of either byte order, made to be edited: sections and symbols are lists whose positions are the file's indices,
/// names are strings, everything else is the raw field. What is read and not changed is written back byte for byte.
/// </summary>
/// <remarks>
/// Source: System V gABI, chapters 4 and 5. Program headers are not kept (relocatable files have none); extended section numbering is refused.
/// Symbols are decoded from the one SHT_SYMTAB; relocations are read and written with <see cref="RelocationsOf"/> and <see cref="SetRelocations"/>.
/// </remarks>
public sealed partial class ElfFile
{
    /// <summary>Size of an Elf64_Ehdr, bytes.</summary>
    public const int HeaderSize = 64;

    /// <summary>Size of an Elf64_Shdr, bytes.</summary>
    public const int SectionHeaderSize = 64;

    private int _symbolTableIndex;

    public ElfFile(ByteOrder byteOrder, ElfMachine machine, uint flags)
    {
        ByteOrder = byteOrder;
        Machine = machine;
        Flags = flags;
        Sections.Add(new ElfSection { Name = "", Type = SectionType.Null, Alignment = 0 });
        Symbols.Add(new ElfSymbol { Name = "" });
    }

    private ElfFile()
    {
    }

    public ByteOrder ByteOrder { get; private init; }

    public ElfType Type { get; set; } = ElfType.Relocatable;

    public ElfMachine Machine { get; private init; }

    /// <summary>e_flags; ppc64's ABI version lives here, so copies must keep it.</summary>
    public uint Flags { get; set; }

    /// <summary>EI_OSABI.</summary>
    public byte OsAbi { get; set; }

    /// <summary>EI_ABIVERSION.</summary>
    public byte AbiVersion { get; set; }

    /// <summary>Index 0 is the null section.</summary>
    public List<ElfSection> Sections { get; } = [];

    /// <summary>Entries of the symbol table; index 0 is the null symbol. Empty where the file has no symbol table.</summary>
    public List<ElfSymbol> Symbols { get; } = [];

    /// <summary>What follows the last byte the ELF structures claim, a module signature for example; written back as it is.</summary>
    public ReadOnlyMemory<byte> Trailer { get; set; }

    /// <summary>Index of the SHT_SYMTAB section, 0 where there is none.</summary>
    public int SymbolTableIndex
    {
        get
        {
            // Remembered, but believed only while it is true: the list of sections is anybody's to edit.
            if (_symbolTableIndex >= Sections.Count || Sections[_symbolTableIndex].Type != SectionType.SymbolTable)
            {
                _symbolTableIndex = Math.Max(0, Sections.FindIndex(s => s.Type == SectionType.SymbolTable));
            }

            return _symbolTableIndex;
        }
    }

    /// <summary>What sh_info of the symbol table must be: the index behind the last local symbol.</summary>
    public uint FirstGlobalSymbol => (uint)(Symbols.FindLastIndex(s => s.Binding == SymbolBinding.Local) + 1);

    /// <summary>Index of the section that holds section names (e_shstrndx); 0 where there is none yet.</summary>
    public int SectionNamesIndex { get; private set; }

    public int IndexOf(string sectionName) => Sections.FindIndex(1, s => s.Name == sectionName);

    public ElfSection? FindSection(string name) => Sections.Skip(1).FirstOrDefault(s => s.Name == name);

    /// <summary>The section a symbol lies in, or null (undefined, reserved or out of range).</summary>
    public ElfSection? SectionOf(ElfSymbol symbol) =>
        symbol.IsInSection && symbol.SectionIndex < Sections.Count ? Sections[symbol.SectionIndex] : null;

    /// <summary>Every SHT_RELA section with its index.</summary>
    public IEnumerable<(int Index, ElfSection Section)> RelocationSections() =>
        Sections.Index().Where(s => s.Item.Type == SectionType.RelocationWithAddend);

    /// <summary>Every SHT_RELA section that changes section <paramref name="index"/>.</summary>
    public IEnumerable<ElfSection> RelocationSectionsFor(int index) =>
        Sections.Where(s => s.Type == SectionType.RelocationWithAddend && s.Info == (uint)index);

    public List<ElfRelocation> RelocationsOf(ElfSection section) => ElfRelocation.ReadAll(section.Data.Span, ByteOrder);

    public void SetRelocations(ElfSection section, IReadOnlyCollection<ElfRelocation> relocations) =>
        section.Data = ElfRelocation.WriteAll(relocations, ByteOrder);

    /// <summary>The symbol a relocation names, or null where its index is out of range.</summary>
    public ElfSymbol? SymbolOf(ElfRelocation relocation) =>
        relocation.SymbolIndex < (uint)Symbols.Count ? Symbols[(int)relocation.SymbolIndex] : null;
}
