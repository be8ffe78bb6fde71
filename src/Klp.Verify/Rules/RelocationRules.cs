using Klp.Elf;
using Klp.Kernel;

namespace Klp.Verify.Rules;

/// <summary>
/// Every relocation that the kernel would apply, ordinary or livepatch: can it be applied? Sources: kernel/module/main.c (apply_relocations),
/// arch/*/kernel/module.c (apply_relocate_add). The livepatch core checks fewer bounds than the loader; here both get all of them.
/// </summary>
internal static class RelocationRules
{
    private const string AfterTool = "If strip, objcopy or ld -r touched the module after it was converted, build it again and let no such tool near it; klp strip takes debug data out safely.";

    public static void Check(VerifyContext context)
    {
        var file = context.Module;
        var places = new Dictionary<uint, HashSet<ulong>>();
        foreach (var (_, section) in file.Sections.Index().Where(s => s.Item.Type is SectionType.RelocationWithAddend or SectionType.Relocation))
        {
            if (!CheckTable(context, section))
            {
                continue;
            }

            var target = file.Sections[(int)section.Info];
            if (!target.IsAlloc)
            {
                continue; // debug data: the loader skips it
            }

            if (!places.TryGetValue(section.Info, out var written))
            {
                places.Add(section.Info, written = []);
            }

            var before = context.Diagnostics.Count;
            foreach (var (number, relocation) in file.RelocationsOf(section).Index())
            {
                CheckEntry(context, section, target, number, relocation, written);
                if (context.Diagnostics.Count - before >= VerifyContext.MostPerSection)
                {
                    context.Error("KLP0739", $"{section.Name}: {VerifyContext.MostPerSection} of its relocations are wrong; the rest was not looked at.", AfterTool);
                    break;
                }
            }
        }
    }

    private static bool CheckTable(VerifyContext context, ElfSection section)
    {
        var file = context.Module;
        var isLivepatch = LivepatchFormat.IsLivepatchRelocation(section);
        if (section.Info >= (uint)file.Sections.Count)
        {
            context.Error("KLP0742", $"{section.Name} changes section {section.Info}; the file has {file.Sections.Count}. The kernel would " + (isLivepatch ? "write anywhere." : "leave it out."), AfterTool);
            return false;
        }

        var target = file.Sections[(int)section.Info];
        if (section.Type == SectionType.Relocation)
        {
            if (target.IsAlloc || isLivepatch)
            {
                context.Error("KLP0740", $"{section.Name} has relocations without addends (SHT_REL), which 64-bit kernels do not know.", "Use the kernel's own compiler and linker.");
            }

            return false;
        }

        if (isLivepatch && (!target.IsAlloc || section.Info == 0))
        {
            context.Error("KLP0743", $"{section.Name} changes {(target.Name.Length == 0 ? "section 0" : target.Name)}, which is not in memory when the kernel applies it.", AfterTool);
            return false;
        }

        if (section.Data.Length % ElfRelocation.EntrySize != 0 || section.EntrySize != ElfRelocation.EntrySize)
        {
            context.Error("KLP0741", $"{section.Name} has {section.Data.Length} bytes in entries of {section.EntrySize}; entries of {ElfRelocation.EntrySize} bytes are right, and a remainder would be ignored.", AfterTool);
        }

        return true;
    }

    private static void CheckEntry(VerifyContext context, ElfSection section, ElfSection target, int number, ElfRelocation relocation, HashSet<ulong> written)
    {
        if (context.Module.SymbolOf(relocation) is not { } symbol)
        {
            context.Error("KLP0744", $"Relocation {number} of {section.Name} names symbol {relocation.SymbolIndex}; the module has {context.Module.Symbols.Count}. The index is stale.", AfterTool);
            return;
        }

        if (context.Architecture is not { } architecture)
        {
            return;
        }

        var spot = new Spot(context, section, relocation);
        if (!architecture.LoaderAccepts(relocation.Type))
        {
            spot.Error("KLP0746", $"{spot.What}: the kernel's module loader does not know this relocation ({relocation.Type}).", CureForType(architecture, relocation.Type));
            return;
        }

        var width = (ulong)(architecture.Find(relocation.Type)?.Width ?? 0);
        if (relocation.Offset > target.Size || width > target.Size - relocation.Offset || target.Type == SectionType.NoBits)
        {
            spot.Error("KLP0745", $"{spot.What} lies outside its section, which has 0x{target.Size:x} bytes{(target.Type == SectionType.NoBits ? " and no data" : "")}.", AfterTool);
            return;
        }

        if (!LivepatchFormat.IsLivepatchRelocation(section) && symbol.SectionIndex == LivepatchFormat.SymbolSectionIndex
            && !section.Name.StartsWith(LivepatchFormat.SectionPrefix, StringComparison.Ordinal))
        {
            spot.Error("KLP0749", $"{spot.What}: an ordinary relocation names a livepatch symbol, whose value is 0 when it is applied.", "Convert the module again from its unconverted form; every reference of the symbol must move.");
        }

        if (architecture.Machine == ElfMachine.X86_64 && width > 0)
        {
            X86Place.Check(spot, (int)width, written);
            X86Value.Check(spot, symbol);
        }
    }

    private static string CureForType(Architecture architecture, uint type) => architecture.Find(type)?.Form switch
    {
        RelocationForm.Got => "Declare the symbol without weak, and compile with the kernel's own flags (no -fPIC, -fPIE or -fplt).",
        RelocationForm.Tls => "Kernel code has no thread-local variables; remove __thread.",
        _ => "Compile with the kernel's own compiler and flags.",
    };
}
