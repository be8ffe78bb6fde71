using Klp.Base;
using Klp.Elf;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>
/// Symbols of a module as the kernel sees them while it loads: every defined symbol in symbol table order (kernel/module/kallsyms.c,
/// module_kallsyms_on_each_symbol). Those that go away after the module's init are marked.
/// </summary>
internal static class ModuleSymbolSource
{
    /// <summary>Reads a module's bytes.</summary>
    /// <returns>Null with an ELF error (KLP0600…) or KLP0312 (no symbol table).</returns>
    public static ObjectSymbols? Read(string name, ReadOnlyMemory<byte> bytes, string path, DiagnosticBag diagnostics)
    {
        if (ElfFile.Read(bytes, path, diagnostics) is not { } file)
        {
            return null;
        }

        if (file.Symbols.Count == 0)
        {
            diagnostics.Error(
                "KLP0312", path,
                "This module has no symbol table, so nothing can be looked up in it.",
                "Give the module as its package ships it; a stripped one cannot be patched.");
            return null;
        }

        var sites = ModuleFtraceSites.Of(file);
        var builder = new ObjectSymbolsBuilder(file.Symbols.Count);
        string? source = null;
        foreach (var symbol in file.Symbols)
        {
            if (symbol.Type == SymbolType.File)
            {
                source = symbol.Name;
            }
            else if (!symbol.IsUndefined && symbol.Name.Length > 0)
            {
                Add(builder, file, symbol, sites, symbol.Binding == SymbolBinding.Local ? source : null);
            }
        }

        return ObjectSymbols.Open(name, builder.Build());
    }

    private static void Add(ObjectSymbolsBuilder builder, ElfFile file, ElfSymbol symbol, ModuleFtraceSites sites, string? source)
    {
        var section = file.SectionOf(symbol);
        var type = NmType.Of(symbol.Binding, symbol.Type, symbol.SectionIndex, section?.Type ?? SectionType.Null, section?.Flags ?? 0);
        var flags = SymbolFlags.FtraceKnown;
        if (IsGoneAfterInit(section))
        {
            flags |= SymbolFlags.Init;
        }

        if (section is { IsExecutable: true } && sites.IsInside(symbol.SectionIndex, symbol.Value, symbol.Size))
        {
            flags |= SymbolFlags.FtraceEntry | (sites.HasStray(symbol.SectionIndex, symbol.Value) ? SymbolFlags.FtraceStray : 0);
        }

        builder.Add(symbol.Name, symbol.Value, type, flags, symbol.SectionIndex, source);
    }

    /// <summary>
    /// Not a core symbol (is_core_symbol): in an .init section, absolute, not allocated, or in a section the loader takes ALLOC from
    /// (.modinfo, __versions; rewrite_section_headers).
    /// </summary>
    private static bool IsGoneAfterInit(ElfSection? section) =>
        section is null || !section.IsAlloc || section.Name.StartsWith(".init", StringComparison.Ordinal) || section.Name is ".modinfo" or "__versions";
}
