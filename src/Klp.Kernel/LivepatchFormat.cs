using Klp.Elf;

namespace Klp.Kernel;

/// <summary>
/// The marks that make a module's relocations livepatch relocations. Source: Documentation/livepatch/module-elf-format.rst,
/// include/uapi/linux/elf.h; the same since 4.7.
/// </summary>
public static class LivepatchFormat
{
    /// <summary>st_shndx of a symbol that the livepatch core resolves.</summary>
    public const ushort SymbolSectionIndex = 0xff20;

    /// <summary>SHF_RELA_LIVEPATCH: the module loader leaves the section to the livepatch core.</summary>
    public const SectionFlags RelocationFlag = (SectionFlags)0x00100000;

    /// <summary>sh_flags of a livepatch relocation section: it must stay in memory (the kernel reads it when the object loads), and sh_info is a section.</summary>
    public const SectionFlags RelocationSectionFlags = SectionFlags.Alloc | SectionFlags.InfoLink | RelocationFlag;

    public const string SectionPrefix = ".klp.rela.";

    public const string SymbolPrefix = ".klp.sym.";

    /// <summary>Alternatives that wait for their object (x86, 4.9 to 5.7).</summary>
    public const string ArchPrefix = ".klp.arch.";

    public static bool IsLivepatchRelocation(ElfSection section) => section.Flags.HasFlag(RelocationFlag);

    /// <summary>Name of the section that holds an object's relocations of <paramref name="baseSection"/>, in the documented single-dot form.</summary>
    public static string SectionName(string objectName, string baseSection) =>
        SectionPrefix + objectName + (baseSection.StartsWith('.') ? "" : ".") + baseSection;

    /// <summary>
    /// The object a <c>.klp.rela.</c> section belongs to, read as the kernel reads it (all up to the next dot), or null where there is none.
    /// </summary>
    public static string? ObjectOfSection(string sectionName)
    {
        if (!sectionName.StartsWith(SectionPrefix, StringComparison.Ordinal))
        {
            return null;
        }

        var rest = sectionName[SectionPrefix.Length..];
        var end = rest.IndexOf('.');
        var name = end < 0 ? rest : rest[..end];
        return name.Length == 0 ? null : name;
    }
}
