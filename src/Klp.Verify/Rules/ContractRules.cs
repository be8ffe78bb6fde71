using Klp.Elf;
using Klp.Kernel;

namespace Klp.Verify.Rules;

/// <summary>
/// What this project's own modules promise beyond what the kernel asks for, so that readelf, other converters and later kernels agree on them.
/// Source: Documentation/livepatch/module-elf-format.rst.
/// </summary>
internal static class ContractRules
{
    public static void Check(VerifyContext context)
    {
        if (!context.Input.HoldsContract)
        {
            return;
        }

        foreach (var (_, section) in context.LivepatchSections.Where(s => s.Section.Type == SectionType.RelocationWithAddend))
        {
            if (section.Flags != LivepatchFormat.RelocationSectionFlags || section.Alignment != 8 || section.Address != 0)
            {
                Report(context, "KLP0795", $"{section.Name} has flags 0x{(ulong)section.Flags:x}, alignment {section.Alignment} and address 0x{section.Address:x}; the documented form is 0x{(ulong)LivepatchFormat.RelocationSectionFlags:x}, 8 and 0.");
            }
        }

        foreach (var symbol in context.Module.Symbols.Where(s => s.SectionIndex == LivepatchFormat.SymbolSectionIndex))
        {
            if (symbol.Binding == SymbolBinding.Local || symbol.Value != 0 || symbol.Size != 0)
            {
                Report(context, "KLP0796", $"The livepatch symbol {symbol.Name} is {symbol.Binding} with value {symbol.Value} and size {symbol.Size}; it must be a global one with neither.");
            }
        }
    }

    private static void Report(VerifyContext context, string id, string message) => context.Error(id, message, "This is a fault of the tool that wrote the module; please report it.");
}
