namespace Klp.Symbols;

/// <summary>
/// Where symbols of the target kernel may come from; absolute paths, each optional. The first usable one of vmlinux, image, kallsyms dump,
/// System.map and symbol list is used for vmlinux, the modules folder for modules.
/// </summary>
public sealed record SymbolSources
{
    /// <summary>vmlinuz, bzImage, Image.gz, zImage…</summary>
    public string? ImageFile { get; init; }

    /// <summary>An ELF vmlinux, best with its symbol table: it is the only source of C file names.</summary>
    public string? VmlinuxFile { get; init; }

    public string? SystemMapFile { get; init; }

    /// <summary>A dump of <c>/proc/kallsyms</c>, best made by root.</summary>
    public string? KallsymsFile { get; init; }

    /// <summary>klp-convert's <c>Symbols.list</c> or <c>symbols.klp</c>: names only.</summary>
    public string? SymbolListFile { get; init; }

    /// <summary><c>/lib/modules/&lt;release&gt;</c>.</summary>
    public string? ModulesDirectory { get; init; }

    /// <summary>The target's release; a source of another release is an error. Null: not checked.</summary>
    public string? Release { get; init; }
}
