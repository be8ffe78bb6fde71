namespace Klp.Elf;

/// <summary>e_type.</summary>
public enum ElfType : ushort
{
    None = 0,
    Relocatable = 1,
    Executable = 2,
    SharedObject = 3,
    Core = 4,
}

/// <summary>e_machine, for the machines this project meets. Source: the ELF registry of machine numbers.</summary>
public enum ElfMachine : ushort
{
    None = 0,
    I386 = 3,
    Ppc = 20,
    Ppc64 = 21,
    S390 = 22,
    Arm = 40,
    X86_64 = 62,
    AArch64 = 183,
    RiscV = 243,
    LoongArch = 258,
}

/// <summary>sh_type.</summary>
public enum SectionType : uint
{
    Null = 0,
    ProgBits = 1,
    SymbolTable = 2,
    StringTable = 3,
    RelocationWithAddend = 4,
    Note = 7,
    NoBits = 8,
    Relocation = 9,
    InitArray = 14,
    FiniArray = 15,
    Group = 17,
    ExtendedSectionIndex = 18,
    LlvmAddressSignature = 0x6fff4c03,
}

/// <summary>sh_flags.</summary>
[Flags]
public enum SectionFlags : ulong
{
    None = 0,
    Write = 0x1,
    Alloc = 0x2,
    Executable = 0x4,
    Merge = 0x10,
    Strings = 0x20,
    InfoLink = 0x40,
    LinkOrder = 0x80,
    Group = 0x200,
    Tls = 0x400,
    Compressed = 0x800,
    Exclude = 0x80000000,
}

/// <summary>The upper half of st_info.</summary>
public enum SymbolBinding : byte
{
    Local = 0,
    Global = 1,
    Weak = 2,
}

/// <summary>The lower half of st_info.</summary>
public enum SymbolType : byte
{
    None = 0,
    Object = 1,
    Function = 2,
    Section = 3,
    File = 4,
    Common = 5,
    Tls = 6,
    IndirectFunction = 10,
}

/// <summary>Values of st_shndx that name no section.</summary>
public static class SpecialSection
{
    public const ushort Undefined = 0;
    public const ushort LowReserve = 0xff00;
    public const ushort Absolute = 0xfff1;
    public const ushort Common = 0xfff2;
    public const ushort Extended = 0xffff;
}
