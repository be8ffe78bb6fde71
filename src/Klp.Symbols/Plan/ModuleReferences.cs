using Klp.Elf;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>Decides references to symbols of modules: whose replacement code holds each, and so which object's relocation section takes it.</summary>
internal sealed class ModuleReferences(PlanContext context, Decisions decisions, ReferenceChecks checks, SymbolErrors errors)
{
    /// <summary>A symbol that its module does not export: every reference must belong to one patched object.</summary>
    public void DecideInternal(int index, ElfSymbol symbol, KernelSymbol found, LivepatchSymbolName name, IReadOnlyList<ModuleReference> references)
    {
        var moved = new List<(ModuleReference, string)>();
        ModuleReference? refused = null;
        foreach (var reference in references)
        {
            // Tables that the kernel reads at load, and code that is freed after it, belong to no object; the checks refuse them with the reason.
            var section = context.Input.Module.Sections[reference.BaseSection].Name;
            var special = SectionRules.IsSpecial(section) || SectionRules.IsInit(section) || SectionRules.IsUntouchable(section);
            var owner = Owner(reference);
            if (special || owner.Object is not null and not ObjectName.Vmlinux)
            {
                moved.Add((reference, special ? found.Object : owner.Object!));
            }
            else
            {
                refused ??= reference;
            }
        }

        var passes = checks.CanMove(symbol.Name, name, found, moved);
        if (refused is { } culprit)
        {
            ReportUnattributed(symbol.Name, found, culprit, references);
            passes = false;
        }

        if (passes)
        {
            decisions.Livepatch(index, symbol, name, moved);
        }
        else
        {
            decisions.Add(index, symbol, SymbolDecision.Failed);
        }
    }

    /// <summary>
    /// An export of a module: references from replacement code of an object that has the module in its dependency closure become livepatch symbols,
    /// all others stay imports, and the patch depends on the module.
    /// </summary>
    public void DecideExport(int index, ElfSymbol symbol, ExportedSymbol export, bool restricted, IReadOnlyList<ModuleReference> references)
    {
        var moved = new List<(ModuleReference, string)>();
        var kept = new List<ModuleReference>();
        foreach (var reference in references)
        {
            var section = context.Input.Module.Sections[reference.BaseSection].Name;
            var owner = Owner(reference).Object;
            var movable = context.Input.ConvertModuleExports && owner is not null and not ObjectName.Vmlinux && !SectionRules.IsSpecial(section) && !SectionRules.IsInit(section)
                && context.ClosureOf(owner).Contains(export.Owner);
            if (movable)
            {
                moved.Add((reference, owner!));
            }
            else
            {
                kept.Add(reference);
            }
        }

        if (restricted && kept.Count > 0)
        {
            var place = kept[0];
            context.Diagnostics.Error("KLP0360", context.PlaceOf(place), $"{export.Owner} exports '{symbol.Name}' only for certain modules ({export.Namespace}), and this reference ({context.Describe(place)}) belongs to no object that could take it over.",
                $"Say it with KLP_RELOC_SYMBOL(patched object, {export.Owner}, {symbol.Name}).");
            decisions.Add(index, symbol, SymbolDecision.Failed);
            return;
        }

        if (moved.Count > 0)
        {
            if (NameOfExport(export, references) is not { } name || !checks.CanMove(symbol.Name, name, null, moved))
            {
                decisions.Add(index, symbol, SymbolDecision.Failed);
                return;
            }

            if (kept.Count > 0)
            {
                decisions.Import(index, symbol, export);
            }

            decisions.Livepatch(index, symbol, name, moved);
        }
        else
        {
            decisions.Import(index, symbol, export);
        }

        if (kept.Count > 0 && context.PatchedObjects.Contains(export.Owner))
        {
            context.Diagnostics.Information("KLP0389", context.PlaceOf(kept[0]), $"The patch imports '{symbol.Name}' from {export.Owner}, which it patches too: it can only be loaded after that module, and pins it.",
                $"Where the code runs only with {export.Owner} patched, say so with KLP_RELOC_SYMBOL({export.Owner}, {export.Owner}, {symbol.Name}).");
        }
    }

    /// <summary>The livepatch symbol of an export; a static homonym in its object makes a position necessary. Null after KLP0350.</summary>
    public LivepatchSymbolName? NameOfExport(ExportedSymbol export, IReadOnlyList<ModuleReference> references)
    {
        var all = context.Find(export.Owner, export.Name);
        if (all.Count <= 1)
        {
            return new LivepatchSymbolName(export.Owner, export.Name, 0);
        }

        // What is exported is global, and there is one of it: nm's capital letter.
        if (all.Where(s => char.IsAsciiLetterUpper(s.Type)).ToList() is [var global])
        {
            var name = new LivepatchSymbolName(export.Owner, export.Name, (ulong)global.Position);
            return checks.CanBeTarget(export.Name, global, name, references) ? name : null;
        }

        errors.Ambiguous(export.Name, all, references);
        return null;
    }

    public Owner Owner(ModuleReference reference) => context.Attribution.OwnerOf(reference.BaseSection, reference.Relocation.Offset);

    private void ReportUnattributed(string symbol, KernelSymbol found, ModuleReference reference, IReadOnlyList<ModuleReference> references)
    {
        var owner = Owner(reference);
        var where = context.Describe(reference);
        var why = owner.Kind switch
        {
            AttributionKind.One => $"{where} is code of vmlinux's patch, which runs whether {found.Object} is loaded or not",
            AttributionKind.NotObjectSpecific => $"{where} belongs to the module's own init or exit, not to a patched object",
            AttributionKind.Shared => $"{where} is shared by the patches of {PlanMessages.List(owner.Objects)}{(owner.Objects.Count == 1 ? " and the module's own init or exit" : "")}",
            _ => $"nothing shows which patched object's code {where} is",
        };
        var patched = context.PatchedObjects.FirstOrDefault(o => o != ObjectName.Vmlinux && context.ClosureOf(o).Contains(found.Object)) ?? found.Object;
        context.Diagnostics.Error("KLP0360", context.PlaceOf(reference), $"'{symbol}' is a symbol of the module {found.Object}, but its reference cannot be attributed to one patched object: {why}.",
            "Say whose code it is: write the line below behind the declaration. The reference is then filled in when that object loads.",
            [PlanMessages.Annotation(patched, found), .. context.OtherPlaces(references)]);
    }
}
