using Klp.Elf;

namespace Klp.Kernel;

/// <summary>
/// Tells from a finished module what the kernel will do when a module it patches is loaded a second time under it.
/// </summary>
/// <remarks>
/// Source: arch/*/kernel/module.c, apply_relocate_add. x86_64 before 6.3 refuses a place that is not zero, and nothing makes it zero again; ppc64le before 6.3 wants
/// the nop behind a call that it has replaced itself (restore_r2). s390x writes each GOT and PLT slot once and never again.
/// </remarks>
public static class TargetReloadRule
{
    public static TargetReload Of(ElfFile patch, string target, LoaderRules rules)
    {
        var forms = Architecture.For(patch.Machine) is { } architecture
            ? patch.Sections.Where(s => LivepatchFormat.IsLivepatchRelocation(s) && LivepatchFormat.ObjectOfSection(s.Name) == target)
                .SelectMany(patch.RelocationsOf).Select(r => architecture.Find(r.Type)?.Form ?? RelocationForm.None).ToHashSet()
            : [];
        return patch.Machine switch
        {
            ElfMachine.S390 when forms.Contains(RelocationForm.Got) || forms.Contains(RelocationForm.Branch) => TargetReload.IsUnsafe,
            ElfMachine.X86_64 when !rules.ClearsRelocationsOnUnload && forms.Any(f => f != RelocationForm.None) => TargetReload.IsRefused,
            ElfMachine.Ppc64 when !rules.ClearsRelocationsOnUnload && forms.Contains(RelocationForm.Branch) => TargetReload.IsRefused,
            _ => TargetReload.Works,
        };
    }
}
