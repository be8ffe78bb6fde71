using Klp.Base;
using Klp.Elf;

namespace Klp.Verify.Rules;

/// <summary>
/// IBT: whatever the kernel calls through a pointer must begin with ENDBR64, and stay so. Sources: arch/x86/kernel/alternative.c (apply_seal_endbr
/// takes the ENDBR away from everything in <c>.ibt_endbr_seal</c>), CONFIG_X86_KERNEL_IBT.
/// </summary>
internal static class BranchTrackingRules
{
    private static ReadOnlySpan<byte> EndBranch => [0xf3, 0x0f, 0x1e, 0xfa];

    public static void Check(VerifyContext context)
    {
        if (context.Module.Machine != ElfMachine.X86_64 || context.Input.Profile?.IsConfigured("X86_KERNEL_IBT") != true)
        {
            return;
        }

        var sealedPlaces = SealedPlaces(context.Module);
        foreach (var (what, section, offset) in CalledThroughPointers(context))
        {
            if (section <= 0 || section >= context.Module.Sections.Count)
            {
                continue; // ReplacementRules' finding
            }

            var code = context.Module.Sections[section].Data.Span;
            if (offset > (ulong)code.Length || !code[(int)offset..].StartsWith(EndBranch))
            {
                context.Diagnostics.Error("KLP0790", context.PlaceOf(section, offset), $"{what} does not begin with ENDBR64, and this kernel has indirect branch tracking: the kernel's call of it would trap.", "Compile with the kernel's own flags (-fcf-protection=branch), and let objtool see its address taken.");
            }
            else if (sealedPlaces.Contains((section, offset)))
            {
                context.Diagnostics.Error("KLP0791", context.PlaceOf(section, offset), $"{what} is in .ibt_endbr_seal: the kernel would take away its ENDBR64 when the module loads, and its own call would trap.",
                    "objtool did not see that its address is taken: keep the pointer in ordinary data, not in a .discard section or in assembly.");
            }
        }
    }

    private static IEnumerable<(string What, int Section, ulong Offset)> CalledThroughPointers(VerifyContext context)
    {
        foreach (var patched in context.Tables?.Objects ?? [])
        {
            foreach (var function in patched.Functions)
            {
                yield return ($"{function.NewName ?? "the function"}, the replacement of {function.OldName},", function.SectionIndex, function.Offset);
            }

            foreach (var callback in patched.Callbacks)
            {
                yield return ($"The {callback.Kind} callback of {patched.Name}", callback.SectionIndex, callback.Offset);
            }
        }

        foreach (var symbol in context.Module.Symbols.Where(s => s.IsInSection && s.Name is "init_module" or "cleanup_module"))
        {
            yield return (symbol.Name == "init_module" ? "The module's init function" : "The module's exit function", symbol.SectionIndex, symbol.Value);
        }
    }

    private static HashSet<(int Section, ulong Offset)> SealedPlaces(ElfFile file)
    {
        var places = new HashSet<(int, ulong)>();
        foreach (var (index, _) in file.Sections.Index().Where(s => s.Item.Name == ".ibt_endbr_seal"))
        {
            foreach (var relocation in file.RelocationSectionsFor(index).SelectMany(file.RelocationsOf))
            {
                if (file.SymbolOf(relocation) is { IsInSection: true } symbol)
                {
                    places.Add((symbol.SectionIndex, symbol.Value + (ulong)relocation.Addend));
                }
            }
        }

        return places;
    }
}
