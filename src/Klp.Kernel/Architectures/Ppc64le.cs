using Klp.Elf;
using static Klp.Kernel.RelocationForm;

namespace Klp.Kernel;

/// <summary>
/// ppc64le (ELFv2). Numbers and names: 64-bit ELF V2 ABI. Accepted types: arch/powerpc/kernel/module_64.c, apply_relocate_add (6.1, 6.12, 7.2);
/// REL24_NOTOC, PCREL34 and GOT_PCREL34 on kernels built for PC-relative code (6.4+). Others are "Unknown ADD relocation".
/// Only branches and PCREL34 are written with patch_instruction; the rest are plain stores, which fault on read-only memory.
/// </summary>
internal static class Ppc64le
{
    public static Architecture Create() => new(
    [
        new(0, "R_PPC64_NONE", 0, None, false),
        new(1, "R_PPC64_ADDR32", 4, Absolute),
        new(10, "R_PPC64_REL24", 4, Branch),
        new(26, "R_PPC64_REL32", 4, PcRelative),
        new(38, "R_PPC64_ADDR64", 8, Absolute),
        new(44, "R_PPC64_REL64", 8, PcRelative),
        new(47, "R_PPC64_TOC16", 2, Toc),
        new(48, "R_PPC64_TOC16_LO", 2, Toc),
        new(49, "R_PPC64_TOC16_HI", 2, Toc, false),
        new(50, "R_PPC64_TOC16_HA", 2, Toc),
        new(51, "R_PPC64_TOC", 8, Toc),
        new(63, "R_PPC64_TOC16_DS", 2, Toc),
        new(64, "R_PPC64_TOC16_LO_DS", 2, Toc),
        new(109, "R_PPC64_TOCSAVE", 0, None),
        new(116, "R_PPC64_REL24_NOTOC", 4, Branch),
        new(118, "R_PPC64_ENTRY", 8, None),
        new(132, "R_PPC64_PCREL34", 8, PcRelative),
        new(133, "R_PPC64_GOT_PCREL34", 8, Got),
        new(250, "R_PPC64_REL16_LO", 2, PcRelative),
        new(252, "R_PPC64_REL16_HA", 2, PcRelative),
        new(3, "R_PPC64_ADDR16", 2, Absolute, false),
        new(4, "R_PPC64_ADDR16_LO", 2, Absolute, false),
        new(5, "R_PPC64_ADDR16_HI", 2, Absolute, false),
        new(6, "R_PPC64_ADDR16_HA", 2, Absolute, false),
        new(11, "R_PPC64_REL14", 4, PcRelative, false),
        new(14, "R_PPC64_GOT16", 2, Got, false),
        new(15, "R_PPC64_GOT16_LO", 2, Got, false),
        new(17, "R_PPC64_GOT16_HA", 2, Got, false),
        new(59, "R_PPC64_GOT16_LO_DS", 2, Got, false),
        new(119, "R_PPC64_PLTSEQ", 4, None, false),
        new(120, "R_PPC64_PLTCALL", 4, Branch, false),
        new(249, "R_PPC64_REL16", 2, PcRelative, false),
        new(251, "R_PPC64_REL16_HI", 2, PcRelative, false),
    ])
    {
        Machine = ElfMachine.Ppc64,
        Name = "ppc64le",
        SourceName = "powerpc",
        CrossPrefixes = ["powerpc64le-linux-gnu-", "ppc64le-redhat-linux-", "powerpc64le-suse-linux-", "powerpc64-linux-gnu-", "powerpc64-linux-", "powerpc64le-linux-"],
        ByteOrder = ByteOrder.Little,
        AbsoluteRelocation = 38,
        LivepatchSince = new Version(4, 7),
        // dedotify and restore_r2 know these names only while the symbol keeps them and stays undefined.
        LoaderSymbols = new HashSet<string> { ".TOC.", "TOC.", "_mcount", "mcount", "ftrace_caller", "ftrace_regs_caller", "_GLOBAL_OFFSET_TABLE_" },
        LoaderSymbolPrefixes = ["_savegpr", "_restgpr", "_savefpr", "_restfpr", "_savevr", "_restvr"],
        LateReadOnlyWrites = [10, 116, 132],
        AnchorReach = (32768, 32767),
        LocalTargets = FindTargets,
    };

    private static void FindTargets(ReadOnlySpan<byte> section, int start, int end, List<long> targets)
    {
        for (var at = (start + 3) & ~3; at + 4 <= end; at += 4)
        {
            var word = ByteOrder.Little.ReadUInt32(section[at..]);
            switch (word >> 26)
            {
                case 18 when (word & 2) == 0: // b, bl
                    targets.Add(at + ((int)((word & 0x03fffffc) << 6) >> 6));
                    break;
                case 16 when (word & 2) == 0: // bc, bcl
                    targets.Add(at + (short)(word & 0xfffc));
                    break;
            }
        }
    }
}
