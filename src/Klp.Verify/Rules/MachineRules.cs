using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;

namespace Klp.Verify.Rules;

/// <summary>
/// What single machines' loaders ask for. Sources: arch/powerpc/kernel/module_64.c (restore_r2, module_frob_arch_sections),
/// arch/arm64/kernel/module-plts.c, arch/s390/kernel/module.c; names that loaders know: kernel/module/main.c, ignore_undef_symbol.
/// </summary>
internal static class MachineRules
{
    private const uint PpcRel24 = 10;
    private const uint PpcNop = 0x60000000;
    private const uint PpcRestoreToc = 0xe8410018; // ld r2,24(r1)

    public static void Check(VerifyContext context)
    {
        string[] wanted = context.Module.Machine switch
        {
            ElfMachine.Ppc64 => [".stubs"],
            ElfMachine.AArch64 => [".plt", ".init.plt"],
            _ => [],
        };
        foreach (var name in wanted.Where(n => context.Module.FindSection(n) is null))
        {
            context.Error("KLP0773", $"The module has no section {name}, in which the kernel builds its stubs; it would refuse the module.", "Link with the kernel's module.lds; this SDK does.");
        }

        foreach (var symbol in context.Module.Symbols.Where(s => s.SectionIndex == LivepatchFormat.SymbolSectionIndex))
        {
            if (LivepatchSymbolName.Parse(symbol.Name) is { } name && context.Architecture?.IsLoaderSymbol(name.Name) == true && !IsOrdinaryExport(name.Name))
            {
                context.Error("KLP0775", $"{name.Name} was made a livepatch symbol; the module loader resolves it by its plain name.", "Convert the module again with this SDK, which leaves it alone.");
            }
        }

        if (context.Module.Machine == ElfMachine.Ppc64)
        {
            CheckPowerCalls(context);
        }

        var targets = context.LivepatchSections.Select(s => LivepatchFormat.ObjectOfSection(s.Section.Name)).OfType<string>().Distinct().Where(o => o != ObjectName.Vmlinux);
        foreach (var target in targets.Where(t => TargetReloadRule.Of(context.Module, t, context.Rules) == TargetReload.IsUnsafe))
        {
            context.Warning("KLP0799", $"The patch reaches into {target} through its GOT or PLT. This kernel writes such a slot once: when {target} is unloaded and loaded again under the patch, the patch uses addresses of before.",
                $"Do not unload {target} while the patch is there; disable the patch first.");
        }
    }

    /// <summary>Exported functions whose names are special elsewhere; as livepatch symbols they work.</summary>
    private static bool IsOrdinaryExport(string name) => name is "__fentry__" or "mcount";

    /// <summary>A call into another object comes back with that object's TOC pointer; the loader puts the restore into the word behind the call, which must be free for it.</summary>
    private static void CheckPowerCalls(VerifyContext context)
    {
        foreach (var (_, section) in context.LivepatchSections.Where(s => s.Section.Type == SectionType.RelocationWithAddend && s.Section.Info < (uint)context.Module.Sections.Count))
        {
            var code = context.Module.Sections[(int)section.Info].Data.Span;
            foreach (var relocation in context.Module.RelocationsOf(section).Where(r => r.Type == PpcRel24))
            {
                if (relocation.Offset > int.MaxValue - 8 || (int)relocation.Offset + 4 > code.Length)
                {
                    continue; // RelocationRules' finding
                }

                var at = (int)relocation.Offset;
                var spot = new Spot(context, section, relocation);
                var isCall = (context.Module.ByteOrder.ReadUInt32(code[at..]) & 1) != 0;
                if (!isCall)
                {
                    context.Diagnostics.Warning("KLP0774", spot.Place, $"{spot.What} is a jump, not a call: the caller's TOC pointer is lost behind it.", "Keep the compiler from making a tail call (-fno-optimize-sibling-calls).");
                }
                else if (at + 8 > code.Length || context.Module.ByteOrder.ReadUInt32(code[(at + 4)..]) is not (PpcNop or PpcRestoreToc))
                {
                    spot.Error("KLP0774", $"{spot.What}: the word behind the call is no nop; the kernel would say: Expected nop after call.", "Declare the function extern, so that the compiler leaves room behind the call.");
                }
            }
        }
    }
}
