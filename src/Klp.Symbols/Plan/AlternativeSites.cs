using Klp.Elf;

namespace Klp.Symbols;

/// <summary>
/// The instructions of a module that x86 kernels replace by alternatives while it loads (<c>.altinstructions</c>). Source: struct alt_instr:
/// two 32-bit distances (instruction, replacement), a feature of 16 bits (32 since 6.3), then the instruction's length in one byte.
/// </summary>
internal sealed class AlternativeSites
{
    /// <summary>Bytes of an entry whose feature has 32 bits; with 16 bits there are 12, or 13 with the padding length of kernels before 5.13.</summary>
    private const ulong WideEntry = 14;

    private readonly ILookup<int, (ulong Start, ulong Length)> _sites;

    private AlternativeSites(IEnumerable<(int Section, ulong Start, ulong Length)> sites) => _sites = sites.ToLookup(s => s.Section, s => (s.Start, s.Length));

    public bool Contains(int section, ulong offset) => _sites[section].Any(s => offset >= s.Start && offset - s.Start < s.Length);

    public static AlternativeSites Read(ElfFile module)
    {
        var index = module.Machine == ElfMachine.X86_64 ? module.IndexOf(".altinstructions") : -1;
        return new AlternativeSites(index > 0 ? Sites(module, index) : []);
    }

    private static IEnumerable<(int Section, ulong Start, ulong Length)> Sites(ElfFile module, int index)
    {
        var data = module.Sections[index].Data;
        var relocations = module.RelocationSectionsFor(index).SelectMany(module.RelocationsOf).OrderBy(r => r.Offset).ToList();

        // Every entry has two pointers, so entries are as far apart as every other relocation.
        var entrySize = relocations.Count > 2 ? relocations[2].Offset - relocations[0].Offset : (ulong)data.Length;
        for (var i = 0; i + 1 < relocations.Count; i += 2)
        {
            var lengthAt = relocations[i].Offset + (entrySize == WideEntry ? 12ul : 10ul);
            if (lengthAt < (ulong)data.Length && module.SymbolOf(relocations[i]) is { IsInSection: true } symbol)
            {
                yield return (symbol.SectionIndex, symbol.Value + (ulong)relocations[i].Addend, data.Span[(int)lengthAt]);
            }
        }
    }
}
