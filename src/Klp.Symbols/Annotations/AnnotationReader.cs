using Klp.Base;
using Klp.Elf;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>
/// Reads the annotations of every generation, in any mix, out of a module: assembler names, <c>.klp.module_relocs.*</c>, <c>__klp_relocs</c>.
/// Changes nothing in it.
/// </summary>
public static class AnnotationReader
{
    internal const string ModuleRelocationsPrefix = ".klp.module_relocs.";
    internal const string PlacedRelocationsName = "__klp_relocs";
    internal const string TombstonePrefix = ".klp.tombstone.";

    /// <param name="modulePath">Where a finding points that no source line explains.</param>
    /// <returns>Always a set; findings are KLP0380 to KLP0386.</returns>
    public static AnnotationSet Read(ElfFile module, string? modulePath, DiagnosticBag diagnostics)
    {
        var symbols = new List<SymbolAnnotation>();
        var unreadable = new HashSet<int>();
        var tombstones = new HashSet<int>();
        foreach (var (index, symbol) in module.Symbols.Index())
        {
            if (index == 0 || !symbol.IsUndefined)
            {
                continue;
            }

            if (symbol.Name.StartsWith(TombstonePrefix, StringComparison.Ordinal))
            {
                tombstones.Add(index);
            }
            else if (symbol.Name.StartsWith(".klp.sym.", StringComparison.Ordinal) || symbol.Name.StartsWith("\".klp.sym.", StringComparison.Ordinal))
            {
                if (ReadName(index, symbol.Name, modulePath, diagnostics) is { } annotation)
                {
                    symbols.Add(annotation);
                }
                else
                {
                    unreadable.Add(index);
                }
            }
        }

        var sections = new HashSet<int>();
        var relocations = new List<PlacedRelocation>();
        foreach (var (index, section) in module.Sections.Index())
        {
            if (section.Type is SectionType.RelocationWithAddend or SectionType.Relocation)
            {
                continue;
            }

            if (section.Name.StartsWith(ModuleRelocationsPrefix, StringComparison.Ordinal))
            {
                sections.Add(index);
                ModuleRelocationReader.Read(module, index, modulePath, symbols, unreadable, diagnostics);
            }
            else if (section.Name == PlacedRelocationsName || section.Name.StartsWith(PlacedRelocationsName + ".", StringComparison.Ordinal))
            {
                sections.Add(index);
                PlacedRelocationReader.Read(module, index, modulePath, relocations, diagnostics);
            }
        }

        return new AnnotationSet { Symbols = symbols, Relocations = relocations, Sections = sections, Tombstones = tombstones, Unreadable = unreadable };
    }

    private static SymbolAnnotation? ReadName(int index, string name, string? modulePath, DiagnosticBag diagnostics)
    {
        if (name.Contains('"'))
        {
            diagnostics.Error("KLP0381", modulePath, $"The symbol {name} has quotation marks in its name: the assembler kept those of the asm label.",
                "Use KLP_RELOC_SYMBOL from <klp/relocs.h>, which writes the label without them.");
            return null;
        }

        if (!AssemblerName.IsOne(name))
        {
            if (LivepatchSymbolName.Parse(name) is { } finished)
            {
                return new SymbolAnnotation(AnnotationForm.LivepatchName, index, null, ObjectName.Normalise(finished.Object), finished.Name, finished.Position, null, new SourcePlace(modulePath));
            }

            diagnostics.Error("KLP0380", modulePath, $"Invalid format of symbol ({name}): the kernel reads .klp.sym.object.symbol,position.",
                "Give the symbol such a name, or use the macros of <klp/relocs.h>.");
            return null;
        }

        if (AssemblerName.Parse(name, out var problem) is { } label)
        {
            return new SymbolAnnotation(AnnotationForm.AssemblerName, index, label.SectionObject, label.Object, label.Symbol, label.Position, label.File, new SourcePlace(modulePath));
        }

        diagnostics.Error("KLP0380", modulePath, $"Invalid format of symbol ({name}): {problem}.",
            "The form is .klp.sym.rela.PATCHED_OBJECT.SYMBOL_OBJECT.SYMBOL.POSITION; KLP_RELOC_SYMBOL_POS(patched, object, symbol, position) writes it.");
        return null;
    }
}
