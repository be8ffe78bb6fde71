using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;

namespace Klp.Verify.Rules;

/// <summary>
/// Does an x86 relocation's value fit its field? Kernel and modules live in the top 2 GiB, so a 32-bit field holds an address only sign-extended.
/// Source: arch/x86/kernel/module.c; Documentation/x86/x86_64/mm.rst.
/// </summary>
internal static class X86Value
{
    private const uint R32 = 10;
    private const uint R32S = 11;
    private const uint Pc32 = 2;
    private const uint Plt32 = 4;

    /// <summary>Start of the module area; any address of the top 2 GiB would do, for only overflows that happen everywhere are told.</summary>
    private const ulong ModuleArea = 0xffffffffc0000000;

    public static void Check(Spot spot, ElfSymbol symbol)
    {
        var relocation = spot.Relocation;
        if (relocation.Type is R32 or R32S && AddressOf(spot.Context, symbol) is { } address)
        {
            var value = address + (ulong)relocation.Addend;
            var fits = relocation.Type == R32 ? value <= uint.MaxValue : (long)value == (int)value;
            if (!fits)
            {
                spot.Error("KLP0748", $"{spot.What}: the address 0x{value:x} does not fit into 32 bits; the kernel would say: overflow in relocation type {relocation.Type}.", "Compile with the kernel's own flags (-mcmodel=kernel).");
            }
        }
        else if (relocation.Type is Pc32 or Plt32 && relocation.Addend != (int)relocation.Addend)
        {
            spot.Context.Diagnostics.Warning("KLP0748", spot.Place, $"{spot.What}: the addend 0x{relocation.Addend:x} does not fit into 32 bits; the kernel would cut it off without a word.", "Check the expression; it points more than 2 GiB away from its symbol.");
        }
    }

    /// <summary>A possible run-time address, or null where any is possible.</summary>
    private static ulong? AddressOf(VerifyContext context, ElfSymbol symbol)
    {
        if (symbol.SectionIndex == SpecialSection.Absolute)
        {
            return symbol.Value;
        }

        if (context.Module.SectionOf(symbol) is { } section)
        {
            // Per-CPU variables of a module are offsets, not addresses.
            return section.Name.StartsWith(".data..percpu", StringComparison.Ordinal) ? null : ModuleArea + symbol.Value;
        }

        if (symbol.SectionIndex != LivepatchFormat.SymbolSectionIndex || LivepatchSymbolName.Parse(symbol.Name) is not { } name)
        {
            return null;
        }

        if (name.Object != ObjectName.Vmlinux)
        {
            return ModuleArea;
        }

        var found = context.Input.Index is { } index && index.Knows(name.Object) ? index.Find(name.Object, name.Name, new DiagnosticBag()) : [];
        return found.Count > 0 && found[(int)Math.Min(Math.Max(1, name.Position), (ulong)found.Count) - 1].Address is not 0 and var address ? address : null;
    }
}
