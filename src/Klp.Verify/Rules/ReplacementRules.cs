using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;

namespace Klp.Verify.Rules;

/// <summary>
/// The replacements themselves, as they stand in the module. Source: kernel/livepatch/core.c, klp_init_object_loaded (sizes of old and new function come from kallsyms).
/// </summary>
internal static class ReplacementRules
{
    public static void Check(VerifyContext context)
    {
        foreach (var patched in context.Tables?.Objects ?? [])
        {
            foreach (var function in patched.Functions)
            {
                if (CheckPlace(context, $"the replacement of {function.OldName}", function.SectionIndex, function.Offset, PlaceOf(context, patched, function)) is { } code)
                {
                    CheckSelfCall(context, patched, function, code);
                }
            }

            foreach (var callback in patched.Callbacks)
            {
                CheckPlace(context, $"the {callback.Kind} callback of {patched.Name}", callback.SectionIndex, callback.Offset, callback.Place);
            }
        }
    }

    private static ElfSymbol? CheckPlace(VerifyContext context, string what, int sectionIndex, ulong offset, SourcePlace place)
    {
        var file = context.Module;
        if (sectionIndex <= 0 || sectionIndex >= file.Sections.Count)
        {
            context.Diagnostics.Error("KLP0788", place, $"The function for {what} is not in this module.", "Define it in the module's own sources.");
            return null;
        }

        var section = file.Sections[sectionIndex];
        var symbol = file.Symbols.Find(s => s.SectionIndex == sectionIndex && s.Value == offset && s.Type == SymbolType.Function);
        if (!section.IsExecutable || symbol is null)
        {
            context.Diagnostics.Error("KLP0788", place, $"What is named as {what} ({section.Name}+0x{offset:x}) is no function of this module; the kernel would say: kallsyms size lookup failed.", "Name a function, and keep the symbol table whole.");
            return null;
        }

        if (SectionRules.IsInit(section.Name) || SectionRules.IsExit(section.Name))
        {
            context.Diagnostics.Error("KLP0788", place, $"{symbol.Name}, {what}, lies in {section.Name}, which is freed when the patch has been loaded.", "Take __init or __exit off it.");
        }

        return symbol;
    }

    /// <summary>A call of the old function is redirected to the replacement by ftrace, which calls it again, without end.</summary>
    private static void CheckSelfCall(VerifyContext context, PatchedObject patched, PatchedFunction function, ElfSymbol code)
    {
        foreach (var relocations in context.Module.RelocationSectionsFor(function.SectionIndex))
        {
            foreach (var relocation in context.Module.RelocationsOf(relocations))
            {
                if (relocation.Offset - code.Value < code.Size && context.Module.SymbolOf(relocation) is { } symbol && IsOld(symbol, patched, function))
                {
                    context.Diagnostics.Warning("KLP0789", new Spot(context, relocations, relocation).Place,
                        $"{code.Name} replaces {function.OldName} and refers to it: once the patch is on, every call of {function.OldName} comes back to {code.Name}.", $"Copy what is needed of {function.OldName} into the patch.");
                    return;
                }
            }
        }
    }

    private static bool IsOld(ElfSymbol symbol, PatchedObject patched, PatchedFunction function) =>
        symbol.SectionIndex == LivepatchFormat.SymbolSectionIndex
            ? LivepatchSymbolName.Parse(symbol.Name) is { } name && name.Object == patched.Name && name.Name == function.OldName && Math.Max(1, name.Position) == Math.Max(1, function.Position)
            : symbol.IsUndefined && symbol.Name == function.OldName;

    /// <summary>The claim's line in the sources, else what the module's tables tell.</summary>
    private static SourcePlace PlaceOf(VerifyContext context, PatchedObject patched, PatchedFunction function)
    {
        var claim = context.Patch?.Find(patched.Name)?.Functions.FirstOrDefault(f => f.OldName == function.OldName && Math.Max(1, f.Position) == Math.Max(1, function.Position));
        var place = claim?.Place ?? function.Place;
        return place.File is null ? new SourcePlace(context.Input.ModuleFile) : place;
    }
}
