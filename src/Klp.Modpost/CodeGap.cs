using Klp.Elf;

namespace Klp.Modpost;

/// <summary>What stands between two pieces of code: instructions that do nothing, as GNU ld writes them; zeros where it writes zeros.</summary>
/// <remarks>Source: Intel SDM, "NOP", recommended multi-byte sequences, of which GNU ld 2.40 uses up to ten bytes; Power ISA, "ori 0,0,0".</remarks>
internal static class CodeGap
{
    private static readonly byte[][] Nops =
    [
        [0x90],
        [0x66, 0x90],
        [0x0f, 0x1f, 0x00],
        [0x0f, 0x1f, 0x40, 0x00],
        [0x0f, 0x1f, 0x44, 0x00, 0x00],
        [0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00],
        [0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00],
        [0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
        [0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
        [0x66, 0x2e, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
    ];

    public static void Fill(Span<byte> gap, ElfMachine machine, ByteOrder order)
    {
        if (machine == ElfMachine.Ppc64)
        {
            for (; gap.Length >= 4; gap = gap[..^4])
            {
                order.WriteUInt32(gap[^4..], 0x60000000);
            }
        }
        else if (machine == ElfMachine.X86_64)
        {
            FillX86(gap);
        }
    }

    private static void FillX86(Span<byte> gap)
    {
        while (!gap.IsEmpty)
        {
            var nop = Nops[Math.Min(gap.Length, Nops.Length) - 1];
            nop.CopyTo(gap);
            gap = gap[nop.Length..];
        }
    }
}
