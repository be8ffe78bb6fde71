using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;

namespace Klp.Verify.Rules;

/// <summary>
/// Where livepatch relocations write, and when: a module's are written when that module loads, long after the patch's own special sections
/// were read and its init memory freed. Sources: kernel/module/main.c (load_module's order), kernel/livepatch/core.c, arch/powerpc/kernel/module_64.c.
/// </summary>
internal static class LivepatchTargetRules
{
    public static void Check(VerifyContext context)
    {
        foreach (var (_, section) in context.LivepatchSections)
        {
            if (section.Type == SectionType.RelocationWithAddend && section.Data.Length >= ElfRelocation.EntrySize && section.Info > 0 && section.Info < (uint)context.Module.Sections.Count
                && LivepatchFormat.ObjectOfSection(section.Name) is { } objectName)
            {
                CheckTarget(context, section, context.Module.Sections[(int)section.Info], objectName);
            }
        }
    }

    private static void CheckTarget(VerifyContext context, ElfSection section, ElfSection target, string objectName)
    {
        var isLate = objectName != ObjectName.Vmlinux || !context.Rules.EarlyVmlinuxRelocations;
        var first = new Spot(context, section, context.Module.RelocationsOf(section)[0]);
        if (SectionRules.IsUntouchable(target.Name))
        {
            first.Error("KLP0771", $"{section.Name} changes {target.Name}, which the kernel reads before it applies any relocation.", "Keep references to other objects' symbols out of it.");
        }
        else if (isLate && SectionRules.IsSpecial(target.Name))
        {
            first.Error("KLP0771", $"{section.Name} changes {target.Name}, which the kernel reads while the patch loads, before the symbols of {objectName} are written into it.",
                "Do not use static keys, static calls, alternatives or tracepoints of that object in the patch: static_key_enabled() reads a key, KLP_STATIC_CALL() makes a call.");
        }
        else if (objectName != ObjectName.Vmlinux && SectionRules.IsInit(target.Name))
        {
            first.Error("KLP0770", $"{section.Name} changes {target.Name}, which is freed when the patch has been loaded; the kernel would write into memory of somebody else when {objectName} loads.",
                $"Take references to {objectName} out of __init code.");
        }
        else if (isLate && context.Architecture is { } architecture && SectionRules.IsReadOnlyLater(target))
        {
            CheckReadOnly(context, section, target, objectName, architecture);
        }
    }

    private static void CheckReadOnly(VerifyContext context, ElfSection section, ElfSection target, string objectName, Architecture architecture)
    {
        foreach (var relocation in context.Module.RelocationsOf(section).Where(r => architecture.LoaderAccepts(r.Type) && !architecture.WritesReadOnlyLate(r.Type)).Take(VerifyContext.MostPerSection))
        {
            new Spot(context, section, relocation).Error("KLP0772",
                $"{architecture.NameOf(relocation.Type)} at {target.Name}+0x{relocation.Offset:x} is written with a plain store when {objectName} loads; {target.Name} is read-only by then, and the kernel would fault.",
                target.IsExecutable ? "Reach the symbol through a pointer variable, or call a function." : "Keep the pointer in writable data (no const).");
        }
    }
}
