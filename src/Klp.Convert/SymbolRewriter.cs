using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;

namespace Klp.Conversion;

/// <summary>
/// Turns undefined symbols into livepatch symbols: renamed in place, binding, type and st_other kept. A symbol with several decisions keeps its
/// entry for the first (an import, where there is one) and gets one more entry at the end of the table for each other.
/// </summary>
internal static class SymbolRewriter
{
    public static SymbolMap Rewrite(ElfFile module, SymbolPlan plan)
    {
        var map = new SymbolMap();
        foreach (var group in plan.Symbols.GroupBy(s => s.SymbolIndex))
        {
            // An import is also what debug information goes on referring to.
            var original = module.Symbols[group.Key];
            var taken = group.Any(s => s.Decision is SymbolDecision.Import or SymbolDecision.Leave);
            foreach (var planned in group.Where(s => s.Decision == SymbolDecision.Livepatch))
            {
                var index = group.Key;
                var symbol = original;
                if (taken)
                {
                    symbol = original.Clone();

                    // Behind the globals no local may stand; an undefined local symbol is broken input anyway.
                    symbol.Binding = symbol.Binding == SymbolBinding.Local ? SymbolBinding.Global : symbol.Binding;
                    index = module.AddSymbol(symbol);
                }

                symbol.Name = planned.Livepatch!.ToString();
                symbol.SectionIndex = LivepatchFormat.SymbolSectionIndex;
                symbol.Value = 0;
                symbol.Size = 0;
                taken = true;
                if (planned.SectionObject is { } sectionObject)
                {
                    map.Add(group.Key, sectionObject, index);
                }
            }
        }

        return map;
    }
}
