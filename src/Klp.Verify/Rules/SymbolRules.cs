using Klp.Elf;
using Klp.Kernel;

namespace Klp.Verify.Rules;

/// <summary>Is the symbol table one the loader takes. Source: kernel/module/main.c, simplify_symbols and elf_validity_cache_index_sym.</summary>
internal static class SymbolRules
{
    public static void Check(VerifyContext context)
    {
        var file = context.Module;
        if (file.SymbolTableIndex == 0)
        {
            return;
        }

        CheckOrder(context, file.Sections[file.SymbolTableIndex]);
        foreach (var (index, symbol) in file.Symbols.Index().Skip(1))
        {
            if (symbol.SectionIndex == SpecialSection.Common)
            {
                context.Error("KLP0712", $"{symbol.Name} is a common symbol, which the module loader refuses.", "Compile with -fno-common, or initialise the variable.");
            }
            else if (symbol.SectionIndex is var section && (symbol.IsInSection ? section >= file.Sections.Count : !IsKnownReserved(section)))
            {
                context.Error("KLP0711", $"Symbol {index} ({(symbol.Name.Length == 0 ? "without a name" : symbol.Name)}) lies in section {section}; the file has {file.Sections.Count} sections.",
                    "A tool renumbered sections without the symbols; build the module again.");
            }
        }
    }

    private static void CheckOrder(VerifyContext context, ElfSection table)
    {
        var symbols = context.Module.Symbols;
        var firstGlobal = symbols.FindIndex(1, s => s.Binding != SymbolBinding.Local);
        var locals = firstGlobal < 0 ? symbols.Count : firstGlobal;
        if (symbols.FindIndex(locals, s => s.Binding == SymbolBinding.Local) is > 0 and var late)
        {
            context.Error("KLP0710", $"Symbol {late} ({symbols[late].Name}) is local and stands behind global ones; ELF wants local symbols first.", "Build the module again; the tool that wrote it is at fault.");
        }
        else if (table.Info != (uint)locals)
        {
            context.Error("KLP0710", $"The symbol table says that its first {table.Info} symbols are local; it has {locals}.", "Build the module again; the tool that wrote it is at fault.");
        }
    }

    private static bool IsKnownReserved(ushort section) => section is SpecialSection.Undefined or SpecialSection.Absolute or SpecialSection.Common or LivepatchFormat.SymbolSectionIndex;
}
