using Klp.Elf;

namespace Klp.Symbols;

/// <summary>From a 64-bit absolute relocation to the place in the file it names.</summary>
internal static class SymbolPlace
{
    /// <summary>Section and offset; section 0 where the symbol is not defined in a section of the file.</summary>
    public static (int Section, ulong Offset) Of(ElfFile file, ElfRelocation relocation) =>
        file.SymbolOf(relocation) is { IsInSection: true } symbol && symbol.SectionIndex < file.Sections.Count
            ? (symbol.SectionIndex, symbol.Value + (ulong)relocation.Addend)
            : (0, 0);
}
