using Klp.Elf;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>Collects what is decided, in the form the plan keeps it.</summary>
internal sealed class Decisions(AnnotationSet annotations)
{
    private readonly List<PlannedSymbol> _symbols = [];
    private readonly List<PlannedMove> _moves = [];
    private readonly PlacedRelocation?[] _placed = new PlacedRelocation?[annotations.Relocations.Count];

    public IReadOnlyList<PlannedSymbol> Symbols => _symbols;

    public IReadOnlyList<PlannedMove> Moves => _moves;

    public IReadOnlyList<PlacedRelocation> Placed => [.. _placed.OfType<PlacedRelocation>()];

    public void Add(int index, ElfSymbol symbol, SymbolDecision decision) => _symbols.Add(new PlannedSymbol(index, symbol.Name, decision));

    public void Import(int index, ElfSymbol symbol, ExportedSymbol export) => _symbols.Add(new PlannedSymbol(index, symbol.Name, SymbolDecision.Import, null, export));

    /// <summary>A livepatch symbol; one entry per section object, in the order of first use.</summary>
    public void Livepatch(int index, ElfSymbol symbol, LivepatchSymbolName name, IEnumerable<(ModuleReference Reference, string SectionObject)> references)
    {
        var objects = new List<string>();
        foreach (var (reference, sectionObject) in references)
        {
            if (!objects.Contains(sectionObject))
            {
                objects.Add(sectionObject);
            }

            if (reference.RelocationSection < 0)
            {
                _placed[reference.Entry] = annotations.Relocations[reference.Entry] with { SectionObject = sectionObject };
            }
            else
            {
                _moves.Add(new PlannedMove(reference.RelocationSection, reference.Entry, index, sectionObject));
            }
        }

        if (objects.Count == 0)
        {
            _symbols.Add(new PlannedSymbol(index, symbol.Name, SymbolDecision.Livepatch, null, null, name));
        }

        _symbols.AddRange(objects.Select(o => new PlannedSymbol(index, symbol.Name, SymbolDecision.Livepatch, o, null, name)));
    }
}
