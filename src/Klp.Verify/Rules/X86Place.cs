namespace Klp.Verify.Rules;

/// <summary>
/// x86 writes a relocation only over zeros, so that none is applied twice. Source: arch/x86/kernel/module.c, __apply_relocate_add (4.15+):
/// "Invalid relocation target, existing value is nonzero".
/// </summary>
internal static class X86Place
{
    public static void Check(Spot spot, int width, HashSet<ulong> written)
    {
        var bytes = spot.Target.Data.Span.Slice((int)spot.Relocation.Offset, width);
        if (bytes.IndexOfAnyExcept((byte)0) >= 0)
        {
            spot.Error("KLP0747", $"{spot.What}: the bytes there are not zero ({Convert.ToHexStringLower(bytes)}); the kernel would refuse the module.", "Build the module again; a tool has applied the relocation already.");
        }
        else if (!written.Add(spot.Relocation.Offset))
        {
            spot.Error("KLP0747", $"{spot.What}: this place has a second relocation; the kernel would refuse it, for the first has written there.", "Convert the module again from its unconverted form.");
        }
    }
}
