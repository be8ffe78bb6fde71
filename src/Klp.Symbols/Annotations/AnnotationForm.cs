namespace Klp.Symbols;

/// <summary>How an author said which symbol is meant.</summary>
public enum AnnotationForm
{
    /// <summary>An assembler name, <c>.klp.sym.rela.section-object.object.symbol.position</c>.</summary>
    AssemblerName,

    /// <summary>An entry of <c>.klp.module_relocs.object</c> (KLP_MODULE_RELOC, KLP_SYMPOS).</summary>
    ModuleRelocation,

    /// <summary>A finished <c>.klp.sym.</c> name that is still undefined (objtool's klp diff).</summary>
    LivepatchName,

    /// <summary>A <c>KlpSymbolHint</c> item of the project.</summary>
    Hint,
}
