using Klp.Elf;

namespace Klp.Symbols;

/// <summary><c>nm</c>'s letter of an ELF symbol, from its binding and its section.</summary>
internal static class NmType
{
    public static char Of(SymbolBinding binding, SymbolType type, ushort sectionIndex, SectionType sectionType, SectionFlags flags)
    {
        if (sectionIndex == SpecialSection.Undefined)
        {
            return binding == SymbolBinding.Weak ? type == SymbolType.Object ? 'v' : 'w' : 'U';
        }

        if (binding == SymbolBinding.Weak)
        {
            return type == SymbolType.Object ? 'V' : 'W';
        }

        var letter = sectionIndex == SpecialSection.Absolute ? 'A'
            : sectionIndex == SpecialSection.Common ? 'C'
            : !flags.HasFlag(SectionFlags.Alloc) ? 'N'
            : flags.HasFlag(SectionFlags.Executable) ? 'T'
            : !flags.HasFlag(SectionFlags.Write) ? 'R'
            : sectionType == SectionType.NoBits ? 'B' : 'D';
        return binding == SymbolBinding.Local ? char.ToLowerInvariant(letter) : letter;
    }
}
