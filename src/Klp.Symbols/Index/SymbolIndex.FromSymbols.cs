using Klp.Kernel;

namespace Klp.Symbols;

public sealed partial class SymbolIndex
{
    /// <summary>
    /// An index of symbols that are at hand, without any file: a small kernel made for one question. Order within an object is the kernel's;
    /// positions and counts are computed, those given are not read.
    /// </summary>
    /// <param name="modules">Files of modules, for objects that have no symbol here.</param>
    public static SymbolIndex FromSymbols(IEnumerable<KernelSymbol> symbols, LoaderRules rules, KernelModules? modules = null)
    {
        var objects = new Dictionary<string, ObjectSymbols>();
        foreach (var group in symbols.GroupBy(s => ObjectName.Normalise(s.Object)))
        {
            var builder = new ObjectSymbolsBuilder();
            foreach (var symbol in group)
            {
                var ftrace = symbol.HasFtraceEntry is { } hooked ? SymbolFlags.FtraceKnown | (hooked ? SymbolFlags.FtraceEntry : 0) | (symbol.HasStrayFtraceSite ? SymbolFlags.FtraceStray : 0) : 0;
                builder.Add(symbol.Name, symbol.Address, symbol.Type, (symbol.IsInit ? SymbolFlags.Init : 0) | ftrace, symbol.SectionIndex, symbol.SourceFile);
            }

            if (ObjectSymbols.Open(group.Key, builder.Build()) is { } opened)
            {
                objects.Add(group.Key, opened);
            }
        }

        var tables = new SymbolTables { Objects = objects, Description = "symbols given by the caller" };
        return new SymbolIndex(tables, null, modules, new ModuleSymbolCache(new IndexCache(null), null), rules, null);
    }
}
