using System.Text;
using Klp.Elf;
using Klp.Kernel;

namespace Klp.Verify.Rules;

/// <summary>
/// <c>struct module</c> as the module carries it. Source: kernel/module/main.c, elf_validity_cache_index_mod (the size since 6.12), do_init_module.
/// </summary>
internal static class ModuleRecordRules
{
    private const string ThisModule = ".gnu.linkonce.this_module";

    public static void Check(VerifyContext context)
    {
        var file = context.Module;
        if (file.Sections.Count(s => s.Name == ".modinfo") is var infos and not 1)
        {
            context.Error("KLP0725", $"The module has {infos} .modinfo sections; exactly one is right.", "Link with the kernel's module.lds, which merges them.");
        }

        var records = file.Sections.Index().Where(s => s.Item.Name == ThisModule).ToList();
        if (records.Count != 1)
        {
            context.Error("KLP0726", $"The module has {records.Count} {ThisModule} sections; exactly one is right (the kernel says: No module found in object).", "This is an object file, not a linked module; give the .ko.");
            return;
        }

        var (index, section) = records[0];
        if (section.Type != SectionType.ProgBits || !section.IsAlloc)
        {
            context.Error("KLP0726", $"{ThisModule} must be an allocated PROGBITS section; it is {section.Type} with flags {section.Flags}.", "Build the module again; the tool that wrote it is at fault.");
        }

        if (context.Input.Profile?.Template is { } template)
        {
            CheckSize(context, section, template);
            CheckName(context, section, template);
            CheckEntries(context, index, template);
        }
    }

    private static void CheckSize(VerifyContext context, ElfSection section, ModuleTemplate template)
    {
        var (size, wanted) = (section.Size, (ulong)template.ThisModule.Length);
        if (size == wanted)
        {
            return;
        }

        var message = $"struct module has {size} bytes in this module and {wanted} in the kernel {context.Input.Profile?.Release}.";
        const string Cure = "Build it for this kernel, with its own headers and configuration.";
        if (size > wanted && !context.Rules.ChecksThisModuleSize && !context.Input.HoldsContract)
        {
            context.Warning("KLP0727", message + " This kernel does not compare sizes, but the fields will not be where it looks for them.", Cure);
        }
        else
        {
            context.Error("KLP0727", message, Cure);
        }
    }

    private static void CheckName(VerifyContext context, ElfSection section, ModuleTemplate template)
    {
        var end = template.ModuleNameOffset + template.ModuleNameLength;
        if (template.ModuleNameOffset < 0 || section.Data.Length < end)
        {
            return;
        }

        var bytes = section.Data.Span[template.ModuleNameOffset..end];
        var length = bytes.IndexOf((byte)0);
        var name = Encoding.UTF8.GetString(length < 0 ? bytes : bytes[..length]);
        if (length <= 0)
        {
            context.Error("KLP0728", length < 0 ? "The module's name in struct module has no end." : "struct module has no module name.", "Build the module again; the tool that wrote it is at fault.");
        }
        else if (context.Modinfo.Values("name").FirstOrDefault() is { } modinfo && modinfo != name)
        {
            context.Error("KLP0728", $"The module is called '{name}' in struct module and '{modinfo}' in modinfo.", "Build the module again; never rename one by editing it.");
        }
    }

    private static void CheckEntries(VerifyContext context, int index, ModuleTemplate template)
    {
        var file = context.Module;
        var pointers = file.RelocationSectionsFor(index).SelectMany(file.RelocationsOf).Select(r => r.Offset).ToHashSet();
        if (!pointers.Contains((ulong)template.ModuleInitOffset) && context.IsLivepatchModule)
        {
            context.Error("KLP0729", "struct module has no init function, so nothing would enable the patch.", "Write module_init(), or the module line of <klp/patch.h>.");
        }

        if (template.ModuleExitOffset is { } exit && !pointers.Contains((ulong)exit))
        {
            context.Warning("KLP0729", "struct module has no exit function: the module can never be removed.", "Write an empty module_exit(), or the module line of <klp/patch.h>.");
        }
    }
}
