using Klp.Base;
using Klp.Elf;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>
/// One <c>__klp_relocs</c> section: objtool's list of relocations to create (6.19+), 24 bytes each: pointer to the place, pointer to the symbol
/// (with the addend), type, padding. Both pointers are relocations, matched by offset.
/// </summary>
internal static class PlacedRelocationReader
{
    private const int EntrySize = 24;

    public static void Read(ElfFile module, int index, string? modulePath, List<PlacedRelocation> result, DiagnosticBag diagnostics)
    {
        var section = module.Sections[index];
        var relocations = module.RelocationSectionsFor(index).SelectMany(module.RelocationsOf).ToList();
        void Fail(string message) => diagnostics.Error("KLP0384", modulePath, $"Section {section.Name} is malformed: {message}", "It must be what objtool's klp diff wrote; build it again.");

        if (section.Size % EntrySize != 0 || section.Type == SectionType.NoBits && section.Size != 0)
        {
            Fail($"its size ({section.Size}) is no multiple of {EntrySize}.");
            return;
        }

        var entries = (int)(section.Size / EntrySize);
        if (relocations.Count != entries * 2)
        {
            Fail($"{entries} entries need {entries * 2} relocations, it has {relocations.Count}.");
            return;
        }

        var suffix = section.Name.Length > AnnotationReader.PlacedRelocationsName.Length ? ObjectName.Normalise(section.Name[(AnnotationReader.PlacedRelocationsName.Length + 1)..]) : null;
        var byOffset = relocations.GroupBy(r => r.Offset).ToDictionary(g => g.Key, g => g.First());
        for (var entry = 0; entry < entries; entry++)
        {
            var offset = (ulong)entry * EntrySize;
            if (!byOffset.TryGetValue(offset, out var place) || !byOffset.TryGetValue(offset + 8, out var target)
                || module.SymbolOf(place) is not { IsInSection: true } placeSymbol || placeSymbol.SectionIndex >= module.Sections.Count || module.SymbolOf(target) is null)
            {
                Fail($"entry {entry} does not point at a place in the module and at a symbol.");
                return;
            }

            var type = module.ByteOrder.ReadUInt32(section.Data.Span[(entry * EntrySize + 16)..]);
            result.Add(new PlacedRelocation(placeSymbol.SectionIndex, placeSymbol.Value + (ulong)place.Addend, (int)target.SymbolIndex, type, target.Addend, suffix));
        }
    }
}
