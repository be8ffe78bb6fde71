using Klp.Elf;
using static Klp.Kernel.RelocationForm;

namespace Klp.Kernel;

/// <summary>
/// s390x, big-endian. Numbers and names: ELF ABI s390x supplement. Accepted types: arch/s390/kernel/module.c, apply_rela (6.1, 6.12, 7.2).
/// Modules are position-independent, so GOT and PLT types are the normal case and are accepted; each slot is written once, which makes a
/// reload of the patched module at another address unsafe. Late writes go through s390_kernel_write, so read-only targets are fine.
/// </summary>
internal static class S390x
{
    public static Architecture Create() => new(
    [
        new(0, "R_390_NONE", 0, None),
        new(1, "R_390_8", 1, Absolute),
        new(2, "R_390_12", 2, Absolute),
        new(3, "R_390_16", 2, Absolute),
        new(4, "R_390_32", 4, Absolute),
        new(5, "R_390_PC32", 4, PcRelative),
        new(6, "R_390_GOT12", 2, Got),
        new(7, "R_390_GOT32", 4, Got),
        new(8, "R_390_PLT32", 4, Branch),
        new(9, "R_390_COPY", 0, None, false),
        new(10, "R_390_GLOB_DAT", 8, Got, false),
        new(11, "R_390_JMP_SLOT", 8, Got, false),
        new(12, "R_390_RELATIVE", 8, Absolute, false),
        new(13, "R_390_GOTOFF32", 4, Got),
        new(14, "R_390_GOTPC", 4, Got),
        new(15, "R_390_GOT16", 2, Got),
        new(16, "R_390_PC16", 2, PcRelative),
        new(17, "R_390_PC16DBL", 2, PcRelative),
        new(18, "R_390_PLT16DBL", 2, Branch),
        new(19, "R_390_PC32DBL", 4, PcRelative),
        new(20, "R_390_PLT32DBL", 4, Branch),
        new(21, "R_390_GOTPCDBL", 4, Got),
        new(22, "R_390_64", 8, Absolute),
        new(23, "R_390_PC64", 8, PcRelative),
        new(24, "R_390_GOT64", 8, Got),
        new(25, "R_390_PLT64", 8, Branch),
        new(26, "R_390_GOTENT", 4, Got),
        new(27, "R_390_GOTOFF16", 2, Got),
        new(28, "R_390_GOTOFF64", 8, Got),
        new(29, "R_390_GOTPLT12", 2, Got),
        new(30, "R_390_GOTPLT16", 2, Got),
        new(31, "R_390_GOTPLT32", 4, Got),
        new(32, "R_390_GOTPLT64", 8, Got),
        new(33, "R_390_GOTPLTENT", 4, Got),
        new(34, "R_390_PLTOFF16", 2, Branch),
        new(35, "R_390_PLTOFF32", 4, Branch),
        new(36, "R_390_PLTOFF64", 8, Branch),
        .. Enumerable.Range(37, 20).Select(n => new RelocationFact((uint)n, $"R_390_TLS_{n}", 8, Tls, false)),
        new(57, "R_390_20", 4, Absolute),
        new(58, "R_390_GOT20", 4, Got),
        new(59, "R_390_GOTPLT20", 4, Got),
    ])
    {
        Machine = ElfMachine.S390,
        Name = "s390x",
        SourceName = "s390",
        CrossPrefixes = ["s390x-linux-gnu-", "s390x-redhat-linux-", "s390x-suse-linux-", "s390-linux-", "s390x-linux-"],
        ByteOrder = ByteOrder.Big,
        AbsoluteRelocation = 22,
        LivepatchSince = new Version(4, 0),
        LoaderSymbols = new HashSet<string> { "_GLOBAL_OFFSET_TABLE_", "_mcount", "mcount", "__fentry__", "ftrace_caller", "ftrace_regs_caller" },
        // The field stands two bytes into the instruction; code counts from its start.
        PcRelativeBias = [-2, 0],
        LocalTargets = FindTargets,
    };

    /// <summary>The first two bits of an instruction tell its length, so this decoding is exact.</summary>
    private static void FindTargets(ReadOnlySpan<byte> section, int start, int end, List<long> targets)
    {
        for (var at = (start + 1) & ~1; at + 2 <= end;)
        {
            var first = section[at];
            var length = first < 0x40 ? 2 : first < 0xc0 ? 4 : 6;
            if (at + length > end)
            {
                return;
            }

            var low = section[at + 1] & 0xf;
            if (length == 6 && first == 0xc0 && low is 0x0 or 0x4 or 0x5 && length == 6)
            {
                targets.Add(at + (int)ByteOrder.Big.ReadUInt32(section[(at + 2)..]) * 2L); // larl, brcl, brasl
            }
            else if (first == 0xa7 && low is 0x4 or 0x5 && length == 4)
            {
                targets.Add(at + (short)ByteOrder.Big.ReadUInt16(section[(at + 2)..]) * 2L); // brc, bras
            }

            at += length;
        }
    }
}
