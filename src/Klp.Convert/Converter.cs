using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;

namespace Klp.Conversion;

/// <summary>
/// Rewrites a module as its <see cref="SymbolPlan"/> says: undefined symbols become livepatch symbols, their relocations move to livepatch
/// relocation sections, annotations disappear. Decides nothing itself.
/// </summary>
/// <remarks>
/// The form is that of Documentation/livepatch/module-elf-format.rst. Sections are appended, so existing indices keep their meaning unless annotation
/// sections are removed; emptied relocation sections stay. After this no linker, strip or objcopy may touch the module.
/// </remarks>
public static class Converter
{
    /// <summary>
    /// Converts in place and returns the module; a module with nothing to convert comes back unchanged, so converting twice changes nothing.
    /// </summary>
    /// <param name="file">The module's file, for messages; null where its place is known anyway.</param>
    /// <param name="module">The very module the plan was computed from.</param>
    /// <returns>Null, the module untouched, with KLP0400 (plan and module do not fit), KLP0401 (too many sections), KLP0402 (no symbol table), KLP0406 (no relocatable file) or KLP0867 (relocations without addends).</returns>
    public static ElfFile? Convert(ElfFile module, SymbolPlan plan, LoaderRules rules, DiagnosticBag diagnostics, string? file = null)
    {
        if (!CanConvert(module, plan, file, diagnostics))
        {
            return null;
        }

        if (!plan.ChangesModule)
        {
            if (!module.Sections.Exists(LivepatchFormat.IsLivepatchRelocation))
            {
                diagnostics.Information("KLP0403", new SourcePlace(file), "There was nothing to convert: the module uses only what the kernel exports.");
            }

            return module;
        }

        RemoveSignature(module, file, diagnostics);
        var symbols = SymbolRewriter.Rewrite(module, plan);
        var sections = new LivepatchSections(module);
        MoveRelocations(module, plan, symbols, sections);
        foreach (var placed in plan.Placed)
        {
            var relocation = new ElfRelocation(placed.Offset, symbols.IndexFor(placed.SymbolIndex, placed.SectionObject!), placed.Type, placed.Addend);
            sections.Add(placed.SectionObject!, placed.BaseSection, relocation);
        }

        sections.Finish();
        ClearTombstones(module, plan);
        if (rules.UsesArchSections && module.Machine == ElfMachine.X86_64)
        {
            ArchSections.Split(module);
        }

        FinishedModule.DropUnneeded(module, plan);
        RemoveAnnotations(module, plan);

        // Old names would stay readable in the string tables otherwise.
        module.Compact();
        return module;
    }

    private static bool CanConvert(ElfFile module, SymbolPlan plan, string? file, DiagnosticBag diagnostics)
    {
        if (module.Type != ElfType.Relocatable)
        {
            diagnostics.Error("KLP0406", file, $"The file is no relocatable object (e_type {(int)module.Type}), so it is no kernel module.", "Give the module's .ko or .o, not a linked program or vmlinux.");
            return false;
        }

        // What such a section refers to would become livepatch symbols, and it could not follow.
        if (module.Sections.Find(s => s.Type == SectionType.Relocation && s.Info < (uint)module.Sections.Count && module.Sections[(int)s.Info].IsAlloc) is { } withoutAddends)
        {
            diagnostics.Error("KLP0867", file, $"{withoutAddends.Name} has relocations without addends (SHT_REL), which 64-bit kernels do not know.", "Use the kernel's own compiler and linker.");
            return false;
        }

        if (plan.ModuleSymbolCount != module.Symbols.Count || plan.Symbols.Any(s => s.Decision == SymbolDecision.Failed || s.SymbolIndex >= module.Symbols.Count))
        {
            diagnostics.Error("KLP0400", file, plan.ModuleSymbolCount != module.Symbols.Count ? "The plan was made from another module than the one to convert." : "The plan has symbols that could not be decided.",
                "Correct the errors of the symbol plan first.");
            return false;
        }

        // Without anything to convert too: what it uses cannot be told, and the loader refuses it.
        if (module.SymbolTableIndex == 0)
        {
            diagnostics.Error("KLP0402", file, "The module has no symbol table (it was stripped of all symbols).", "Convert the unstripped module; klp strip takes away what a livepatch does not need.");
            return false;
        }

        var added = plan.Moves.Select(m => (m.SectionObject, m.RelocationSection)).Distinct().Count() + plan.Placed.Select(p => (p.SectionObject, p.BaseSection)).Distinct().Count();
        if (module.Sections.Count + added >= SpecialSection.LowReserve)
        {
            diagnostics.Error("KLP0401", file, $"With {added} livepatch relocation sections the module would have {module.Sections.Count + added}; the module loader counts {SpecialSection.LowReserve - 1} at most.",
                "Compile without -ffunction-sections, or split the patch.");
            return false;
        }

        return true;
    }

    private static void MoveRelocations(ElfFile module, SymbolPlan plan, SymbolMap symbols, LivepatchSections sections)
    {
        foreach (var group in plan.Moves.GroupBy(m => m.RelocationSection))
        {
            var section = module.Sections[group.Key];
            var relocations = module.RelocationsOf(section);
            var moved = new HashSet<int>();
            foreach (var move in group)
            {
                var relocation = relocations[move.Entry] with { SymbolIndex = symbols.IndexFor(move.SymbolIndex, move.SectionObject) };
                sections.Add(move.SectionObject, (int)section.Info, relocation);
                moved.Add(move.Entry);
            }

            module.SetRelocations(section, [.. relocations.Where((_, entry) => !moved.Contains(entry))]);
        }
    }

    /// <summary>The place of a tombstone is filled by a livepatch relocation now; its own becomes none, or goes where the loader knows no such type.</summary>
    private static void ClearTombstones(ElfFile module, SymbolPlan plan)
    {
        if (plan.Tombstones.Count == 0)
        {
            return;
        }

        var keepsNone = Architecture.For(module.Machine)?.LoaderAccepts(0) ?? true;
        foreach (var (_, section) in module.RelocationSections())
        {
            var relocations = module.RelocationsOf(section);
            if (relocations.Exists(r => plan.Tombstones.Contains((int)r.SymbolIndex)))
            {
                module.SetRelocations(section, [.. relocations
                    .Where(r => keepsNone || !plan.Tombstones.Contains((int)r.SymbolIndex))
                    .Select(r => plan.Tombstones.Contains((int)r.SymbolIndex) ? new ElfRelocation(r.Offset, 0, 0, 0) : r)]);
            }
        }
    }

    private static void RemoveAnnotations(ElfFile module, SymbolPlan plan)
    {
        // By identity: each removal renumbers what is left.
        var sections = plan.AnnotationSections.Where(i => i < module.Sections.Count).Select(i => module.Sections[i]).ToHashSet();
        var symbols = plan.Symbols.Where(s => s.Decision == SymbolDecision.Drop).Select(s => module.Symbols[s.SymbolIndex]).ToHashSet();
        if (symbols.Count > 0)
        {
            module.RemoveSymbols((_, symbol) => symbols.Contains(symbol));
        }

        if (sections.Count > 0)
        {
            module.RemoveSections((_, section) => sections.Contains(section));
        }
    }

    private static void RemoveSignature(ElfFile module, string? file, DiagnosticBag diagnostics)
    {
        if (module.Trailer.Span.EndsWith("~Module signature appended~\n"u8))
        {
            diagnostics.Information("KLP0404", new SourcePlace(file), "The module was signed; the signature would be wrong after conversion and was removed.", "Sign the converted module.");
            module.Trailer = default;
        }
    }
}
