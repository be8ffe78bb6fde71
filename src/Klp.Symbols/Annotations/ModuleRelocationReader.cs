using Klp.Base;
using Klp.Elf;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>
/// One <c>.klp.module_relocs.object</c> section: an array of {pointer to symbol, position}, 12 bytes each where packed, 16 where not,
/// 8 where both are 32-bit. An entry's symbol is the one its relocation names, matched by offset since linkers may reorder relocations.
/// </summary>
internal static class ModuleRelocationReader
{
    public static void Read(ElfFile module, int index, string? modulePath, List<SymbolAnnotation> symbols, HashSet<int> unreadable, DiagnosticBag diagnostics)
    {
        var section = module.Sections[index];
        var objectName = ObjectName.Normalise(section.Name[AnnotationReader.ModuleRelocationsPrefix.Length..]);
        var relocations = module.RelocationSectionsFor(index).SelectMany(module.RelocationsOf).ToList();
        if (section.Size == 0 && relocations.Count == 0)
        {
            return;
        }

        // Whatever is wrong, the symbols named here are annotated: saying again that they are unknown would hide the cause.
        void Fail(string id, string message)
        {
            unreadable.UnionWith(relocations.Select(r => (int)r.SymbolIndex));
            diagnostics.Error(id, modulePath, message, "Use KLP_MODULE_RELOC and KLP_SYMPOS from <klp/relocs.h>, which lay the entries out for this kernel.");
        }

        if (objectName.Length == 0)
        {
            Fail("KLP0382", $"Section {section.Name} names no object.");
            return;
        }

        if (relocations.Count == 0)
        {
            Fail("KLP0383", $"Section {section.Name} has no relocations, so its entries name no symbol.");
            return;
        }

        var count = (ulong)relocations.Count;
        var entrySize = section.Size / count;
        if (section.Size % count != 0 || entrySize is not (8 or 12 or 16))
        {
            // A whole number of entries of a known size tells which of the two is wrong.
            var fitting = new[] { 12ul, 16ul }.Where(size => section.Size % size == 0).Select(size => section.Size / size).FirstOrDefault();
            Fail("KLP0382", fitting != 0
                ? $"Section {section.Name}: nr_entries mismatch ({count} != {fitting}): {count} relocations for {fitting} entries."
                : $"Section {section.Name}: its length ({section.Size} bytes) is beyond nr_entries ({count} relocations): entries have 8, 12 or 16 bytes.");
            return;
        }

        var positionOffset = entrySize == 8 ? 4ul : 8ul;
        var seen = new HashSet<ulong>();
        foreach (var relocation in relocations)
        {
            if (relocation.Offset % entrySize != 0 || relocation.Offset >= section.Size || !seen.Add(relocation.Offset / entrySize)
                || module.SymbolOf(relocation) is not { Name.Length: > 0 } symbol || section.Type == SectionType.NoBits)
            {
                Fail("KLP0382", $"Section {section.Name}: the relocation at offset {relocation.Offset} belongs to no entry of its own (entries have {entrySize} bytes).");
                return;
            }

            var position = module.ByteOrder.ReadUInt32(section.Data.Span[(int)(relocation.Offset + positionOffset)..]);
            symbols.Add(new SymbolAnnotation(AnnotationForm.ModuleRelocation, (int)relocation.SymbolIndex, null, objectName, symbol.Name, position, null, new SourcePlace(modulePath)));
        }
    }
}
