using Klp.Elf;
using Klp.Kernel;

namespace Klp.Verify.Rules;

/// <summary>
/// The headers of <c>.klp.rela.*</c> sections. Source: kernel/livepatch/core.c, klp_write_section_relocs (5.8 to 6.2: klp_apply_section_relocs),
/// which reads the name and little else: what it does not check it gets wrong without a word.
/// </summary>
internal static class LivepatchSectionRules
{
    private const string AfterTool = "A linker, strip or objcopy wrote this file after it was converted; build the module again and let no such tool near it.";

    public static void Check(VerifyContext context)
    {
        foreach (var (_, section) in context.LivepatchSections)
        {
            CheckMarks(context, section);
            if (LivepatchFormat.ObjectOfSection(section.Name) is not { } objectName)
            {
                context.Error("KLP0750", $"The livepatch section {section.Name} is not named .klp.rela.<object>.<section>; the kernel would refuse the module (incorrectly formatted name).", AfterTool);
                continue;
            }

            if (objectName.Length > context.Rules.MaximumObjectName)
            {
                context.Error("KLP0755", $"The object of {section.Name} has {objectName.Length} characters; the kernel reads {context.Rules.MaximumObjectName} and would never apply it.");
                continue;
            }

            CheckBase(context, section, objectName);
            CheckObject(context, section, objectName);
        }
    }

    private static void CheckMarks(VerifyContext context, ElfSection section)
    {
        if (!LivepatchFormat.IsLivepatchRelocation(section))
        {
            context.Error("KLP0751", $"{section.Name} has not the flag SHF_RELA_LIVEPATCH (0x100000): the kernel would take it for an ordinary section and write wrong addresses without a word.", AfterTool);
        }

        if (!section.IsAlloc)
        {
            context.Error("KLP0752", $"{section.Name} is not allocated (SHF_ALLOC): the kernel would read it after it was freed.", AfterTool);
        }

        if (section.Type != SectionType.RelocationWithAddend)
        {
            context.Error("KLP0753", $"{section.Name} is of type 0x{(uint)section.Type:x} where SHT_RELA (4) belongs.", AfterTool);
        }
        else if (section.Link != (uint)context.Module.SymbolTableIndex)
        {
            context.Error("KLP0754", $"{section.Name} links to section {section.Link}, not to the symbol table ({context.Module.SymbolTableIndex}).", AfterTool);
        }
    }

    /// <summary>Both spellings are in use: <c>.klp.rela.ext4.text</c> and <c>.klp.rela.ext4..text</c>; the kernel reads neither.</summary>
    private static void CheckBase(VerifyContext context, ElfSection section, string objectName)
    {
        if (section.Info == 0 || section.Info >= (uint)context.Module.Sections.Count || section.Type != SectionType.RelocationWithAddend)
        {
            return; // RelocationRules' finding
        }

        var target = context.Module.Sections[(int)section.Info].Name;
        var rest = section.Name[(LivepatchFormat.SectionPrefix.Length + objectName.Length)..];
        if (rest != target && rest != "." + target)
        {
            context.Warning("KLP0756", $"{section.Name} changes the section {target}, not the one its name says.", "If a tool renumbered sections, build the module again.");
        }
    }

    private static void CheckObject(VerifyContext context, ElfSection section, string objectName)
    {
        var isVmlinux = objectName == ObjectName.Vmlinux;
        if (context.PatchedObjects is not { } objects || section.Data.IsEmpty)
        {
            return;
        }

        if (isVmlinux && !context.Rules.EarlyVmlinuxRelocations && !objects.Contains(ObjectName.Vmlinux))
        {
            context.Error("KLP0758", $"{section.Name} belongs to vmlinux, and the patch changes no function of vmlinux: kernels before 5.8 would never apply it.", "Add a klp_object without a name for vmlinux.");
        }
        else if (!isVmlinux && !objects.Contains(objectName))
        {
            var known = objects.Count == 0 ? "nothing" : string.Join(", ", objects.Order(StringComparer.Ordinal));
            context.Error("KLP0757", $"{section.Name} belongs to {objectName}, which the patch does not patch (it patches {known}): the kernel would never apply its {section.Data.Length / ElfRelocation.EntrySize} relocations.",
                $"Patch a function of {objectName}, or refer to its symbols from code that belongs to a patched object; if the tables are made in code, add <KlpObject Include=\"{objectName}\" />.");
        }
    }
}
