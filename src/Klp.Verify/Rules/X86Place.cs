using Klp.Base;
using Klp.Elf;

namespace Klp.Verify.Rules;

/// <summary>
/// x86 writes a relocation only over zeros, so that none is applied twice. Source: arch/x86/kernel/module.c, __apply_relocate_add (4.15+):
/// "Invalid relocation target, existing value is nonzero".
/// </summary>
internal static class X86Place
{
    public static void Check(VerifyContext context, SourcePlace place, string what, ElfSection target, ElfRelocation relocation, int width, HashSet<ulong> written)
    {
        var bytes = target.Data.Span.Slice((int)relocation.Offset, width);
        if (bytes.IndexOfAnyExcept((byte)0) >= 0)
        {
            context.Diagnostics.Error("KLP0747", place, $"{what}: the bytes there are not zero ({Convert.ToHexStringLower(bytes)}); the kernel would refuse the module.", "Build the module again; a tool has applied the relocation already.");
        }
        else if (!written.Add(relocation.Offset))
        {
            context.Diagnostics.Error("KLP0747", place, $"{what}: this place has a second relocation; the kernel would refuse it, for the first has written there.", "Convert the module again from its unconverted form.");
        }
    }
}
