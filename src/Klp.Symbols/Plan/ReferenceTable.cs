using Klp.Elf;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>Every relocation of a module, by the symbol it names.</summary>
internal sealed class ReferenceTable
{
    private readonly Dictionary<int, List<ModuleReference>> _loaded = [];

    /// <summary>References in sections that are loaded, those still to be created included; annotations and debug information do not count.</summary>
    public IReadOnlyList<ModuleReference> Of(int symbol) => _loaded.TryGetValue(symbol, out var list) ? list : [];

    public static ReferenceTable Read(ElfFile module, AnnotationSet annotations)
    {
        var table = new ReferenceTable();
        foreach (var (index, section) in module.RelocationSections())
        {
            if (LivepatchFormat.IsLivepatchRelocation(section) || section.Info == 0 || section.Info >= (uint)module.Sections.Count || annotations.Sections.Contains((int)section.Info))
            {
                continue;
            }

            var target = module.Sections[(int)section.Info];
            if (!target.IsAlloc || SectionRules.IsDiscarded(target.Name))
            {
                continue;
            }

            foreach (var (entry, relocation) in module.RelocationsOf(section).Index())
            {
                if (relocation.SymbolIndex != 0 && module.SymbolOf(relocation) is { IsInSection: false })
                {
                    table.Add(new ModuleReference(index, entry, (int)section.Info, relocation));
                }
            }
        }

        foreach (var (entry, placed) in annotations.Relocations.Index())
        {
            table.Add(new ModuleReference(-1, entry, placed.BaseSection, new ElfRelocation(placed.Offset, (uint)placed.SymbolIndex, placed.Type, placed.Addend)));
        }

        return table;
    }

    private void Add(ModuleReference reference)
    {
        var symbol = (int)reference.Relocation.SymbolIndex;
        if (!_loaded.TryGetValue(symbol, out var list))
        {
            _loaded.Add(symbol, list = []);
        }

        list.Add(reference);
    }
}
