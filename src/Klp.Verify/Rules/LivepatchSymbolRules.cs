using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;

namespace Klp.Verify.Rules;

/// <summary>
/// The symbols that livepatch relocations name. Source: kernel/livepatch/core.c, klp_resolve_symbols and klp_find_object_symbol.
/// </summary>
internal static class LivepatchSymbolRules
{
    public static void Check(VerifyContext context)
    {
        foreach (var symbol in context.Module.Symbols.Where(s => s.IsUndefined && s.Name.StartsWith(LivepatchFormat.SymbolPrefix, StringComparison.Ordinal)))
        {
            context.Error("KLP0765", $"{symbol.Name} is named like a livepatch symbol and is not marked as one (SHN_LIVEPATCH): the kernel would say Unknown symbol.", "Convert the module again from its unconverted form.");
        }

        var resolved = new HashSet<(string, uint)>();
        foreach (var (_, section) in context.LivepatchSections)
        {
            if (section.Type != SectionType.RelocationWithAddend || !LivepatchFormat.IsLivepatchRelocation(section) || LivepatchFormat.ObjectOfSection(section.Name) is not { } objectName)
            {
                continue;
            }

            foreach (var relocation in context.Module.RelocationsOf(section))
            {
                if (context.Module.SymbolOf(relocation) is { } symbol && resolved.Add((objectName, relocation.SymbolIndex)))
                {
                    CheckSymbol(context, section, objectName, relocation, symbol);
                }
            }
        }
    }

    private static void CheckSymbol(VerifyContext context, ElfSection section, string sectionObject, ElfRelocation relocation, ElfSymbol symbol)
    {
        var spot = new Spot(context, section, relocation);
        if (symbol.SectionIndex != LivepatchFormat.SymbolSectionIndex)
        {
            spot.Error("KLP0760", $"{section.Name} names symbol {relocation.SymbolIndex} ({(symbol.Name.Length == 0 ? "without a name" : symbol.Name)}), which is no livepatch symbol; the kernel would say: symbol is not marked as a livepatch symbol.",
                "The index is stale when strip or objcopy renumbered symbols after the conversion: build the module again and let no such tool near it; klp strip takes debug data out safely.");
        }
        else if (LivepatchSymbolName.Parse(symbol.Name) is not { } name)
        {
            spot.Error("KLP0761", $"'{symbol.Name}' is not .klp.sym.<object>.<name>,<position>; the kernel would say: incorrectly formatted name.", "Convert the module again from its unconverted form.");
        }
        else if (name.Object.Length > context.Rules.MaximumObjectName || name.Name.Length > context.Rules.MaximumSymbolName)
        {
            spot.Error("KLP0762", $"'{symbol.Name}': the kernel takes {context.Rules.MaximumObjectName} characters for the object and {context.Rules.MaximumSymbolName} for the symbol; these have {name.Object.Length} and {name.Name.Length}.");
        }
        else if (sectionObject != ObjectName.Vmlinux && name.Object == ObjectName.Vmlinux && context.Rules.RefusesVmlinuxSymbolsInModuleSections)
        {
            spot.Error("KLP0763", $"{name.Name} is a symbol of vmlinux, named in {section.Name}, which belongs to {sectionObject}; since 5.8 the kernel refuses that (invalid access to vmlinux symbol).", "Convert the module again: such references go into the section of vmlinux.");
        }
        else
        {
            CheckTarget(spot, sectionObject, name);
        }
    }

    private static void CheckTarget(Spot spot, string sectionObject, LivepatchSymbolName name)
    {
        if (sectionObject == ObjectName.Vmlinux && name.Object != ObjectName.Vmlinux)
        {
            spot.Context.Diagnostics.Warning("KLP0764", spot.Place, $"{name.Name} of the module {name.Object} is named in a section of vmlinux, which is applied while the patch loads: {name.Object} must be loaded by then, or the patch is refused.",
                $"Refer to it from code that replaces a function of {name.Object}.");
        }

        if (TargetLookup.Find(spot.Context, name.Object, name.Name, name.Position) is not { } found)
        {
            return;
        }

        var who = $"{name.Name} of {name.Object}";
        switch (found.Answer)
        {
            case TargetAnswer.Missing:
                spot.Error("KLP0766", $"{who} does not exist in this kernel; it would say: symbol '{name.Name}' not found in symbol table.", "Build the module for this kernel.", found.Suggestions());
                break;
            case TargetAnswer.Ambiguous:
                spot.Error("KLP0767", $"{who} exists {found.Candidates.Count} times, and the module does not say which (position 0); the kernel would say: unresolvable ambiguity.", $"Say which one: KLP_RELOC_SYMBOL_POS({sectionObject}, {name.Object}, {name.Name}, n).", found.CandidateNotes());
                break;
            case TargetAnswer.OutOfRange:
                spot.Error("KLP0768", $"{who} has no position {name.Position}: it exists {found.Candidates.Count} times.", "Positions count from 1.", found.CandidateNotes());
                break;
            case TargetAnswer.Init:
                spot.Error("KLP0769", $"{who} lies in an .init section, which is freed after start: the reference would go to memory of somebody else.", "Refer to something that stays.");
                break;
            case TargetAnswer.ChangesWithTime:
                spot.Error("KLP0769", $"{who} at position {name.Position} is not the same symbol before and after {name.Object} has freed its .init sections, where a symbol of that name lies, too.",
                    "Choose a position before the .init ones, or another symbol.", found.CandidateNotes());
                break;
        }
    }
}
