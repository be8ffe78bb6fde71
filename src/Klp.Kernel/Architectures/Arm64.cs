using System.Buffers.Binary;
using Klp.Elf;
using static Klp.Kernel.RelocationForm;

namespace Klp.Kernel;

/// <summary>
/// arm64. Numbers and names: ELF for the Arm 64-bit Architecture. Accepted types: arch/arm64/kernel/module.c, apply_relocate_add (6.1 to 7.2: the same set).
/// GOT types are refused ("unsupported RELA relocation"); a weak extern makes gcc use one. Livepatching since 6.17;
/// late writes go through aarch64_insn_copy, so read-only targets are fine.
/// </summary>
internal static class Arm64
{
    public static Architecture Create() => new(
    [
        new(0, "R_AARCH64_NONE", 0, None),
        new(256, "R_AARCH64_NULL", 0, None),
        new(257, "R_AARCH64_ABS64", 8, Absolute),
        new(258, "R_AARCH64_ABS32", 4, Absolute),
        new(259, "R_AARCH64_ABS16", 2, Absolute),
        new(260, "R_AARCH64_PREL64", 8, PcRelative),
        new(261, "R_AARCH64_PREL32", 4, PcRelative),
        new(262, "R_AARCH64_PREL16", 2, PcRelative),
        new(263, "R_AARCH64_MOVW_UABS_G0", 4, Absolute),
        new(264, "R_AARCH64_MOVW_UABS_G0_NC", 4, Absolute),
        new(265, "R_AARCH64_MOVW_UABS_G1", 4, Absolute),
        new(266, "R_AARCH64_MOVW_UABS_G1_NC", 4, Absolute),
        new(267, "R_AARCH64_MOVW_UABS_G2", 4, Absolute),
        new(268, "R_AARCH64_MOVW_UABS_G2_NC", 4, Absolute),
        new(269, "R_AARCH64_MOVW_UABS_G3", 4, Absolute),
        new(270, "R_AARCH64_MOVW_SABS_G0", 4, Absolute),
        new(271, "R_AARCH64_MOVW_SABS_G1", 4, Absolute),
        new(272, "R_AARCH64_MOVW_SABS_G2", 4, Absolute),
        new(273, "R_AARCH64_LD_PREL_LO19", 4, PcRelative),
        new(274, "R_AARCH64_ADR_PREL_LO21", 4, PcRelative),
        new(275, "R_AARCH64_ADR_PREL_PG_HI21", 4, PcRelative),
        new(276, "R_AARCH64_ADR_PREL_PG_HI21_NC", 4, PcRelative),
        new(277, "R_AARCH64_ADD_ABS_LO12_NC", 4, Absolute),
        new(278, "R_AARCH64_LDST8_ABS_LO12_NC", 4, Absolute),
        new(279, "R_AARCH64_TSTBR14", 4, PcRelative),
        new(280, "R_AARCH64_CONDBR19", 4, PcRelative),
        new(282, "R_AARCH64_JUMP26", 4, Branch),
        new(283, "R_AARCH64_CALL26", 4, Branch),
        new(284, "R_AARCH64_LDST16_ABS_LO12_NC", 4, Absolute),
        new(285, "R_AARCH64_LDST32_ABS_LO12_NC", 4, Absolute),
        new(286, "R_AARCH64_LDST64_ABS_LO12_NC", 4, Absolute),
        new(287, "R_AARCH64_MOVW_PREL_G0", 4, PcRelative),
        new(288, "R_AARCH64_MOVW_PREL_G0_NC", 4, PcRelative),
        new(289, "R_AARCH64_MOVW_PREL_G1", 4, PcRelative),
        new(290, "R_AARCH64_MOVW_PREL_G1_NC", 4, PcRelative),
        new(291, "R_AARCH64_MOVW_PREL_G2", 4, PcRelative),
        new(292, "R_AARCH64_MOVW_PREL_G2_NC", 4, PcRelative),
        new(293, "R_AARCH64_MOVW_PREL_G3", 4, PcRelative),
        new(299, "R_AARCH64_LDST128_ABS_LO12_NC", 4, Absolute),
        new(309, "R_AARCH64_GOT_LD_PREL19", 4, Got, false),
        new(310, "R_AARCH64_LD64_GOTOFF_LO15", 4, Got, false),
        new(311, "R_AARCH64_ADR_GOT_PAGE", 4, Got, false),
        new(312, "R_AARCH64_LD64_GOT_LO12_NC", 4, Got, false),
        new(313, "R_AARCH64_LD64_GOTPAGE_LO15", 4, Got, false),
        new(314, "R_AARCH64_PLT32", 4, Branch, false),
    ])
    {
        Machine = ElfMachine.AArch64,
        Name = "arm64",
        SourceName = "arm64",
        CrossPrefixes = ["aarch64-linux-gnu-", "aarch64-redhat-linux-", "aarch64-suse-linux-", "aarch64-none-linux-gnu-", "aarch64-linux-"],
        ByteOrder = ByteOrder.Little,
        AbsoluteRelocation = 257,
        LivepatchSince = new Version(6, 17),
        LoaderSymbols = new HashSet<string> { "_mcount", "ftrace_caller", "ftrace_regs_caller", "_GLOBAL_OFFSET_TABLE_" },
        AnchorReach = (0, 4095),
        LocalTargets = FindTargets,
    };

    private static void FindTargets(ReadOnlySpan<byte> section, int start, int end, List<long> targets)
    {
        for (var at = (start + 3) & ~3; at + 4 <= end; at += 4)
        {
            var word = BinaryPrimitives.ReadUInt32LittleEndian(section[at..]);
            if ((word & 0x7c000000) == 0x14000000)
            {
                targets.Add(at + Signed(word, 26) * 4); // b, bl
            }
            else if ((word & 0xff000000) == 0x54000000 || (word & 0x7e000000) == 0x34000000)
            {
                targets.Add(at + Signed(word >> 5, 19) * 4); // b.cond, cbz, cbnz
            }
            else if ((word & 0x7e000000) == 0x36000000)
            {
                targets.Add(at + Signed(word >> 5, 14) * 4); // tbz, tbnz
            }
            else if ((word & 0x9f000000) == 0x10000000)
            {
                targets.Add(at + (Signed(word >> 5, 19) << 2 | (word >> 29) & 3)); // adr
            }
        }
    }

    private static long Signed(uint value, int bits) => (int)(value << (32 - bits)) >> (32 - bits);
}
