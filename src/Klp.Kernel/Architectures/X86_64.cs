using System.Buffers.Binary;
using Klp.Elf;
using static Klp.Kernel.RelocationForm;

namespace Klp.Kernel;

/// <summary>
/// x86_64. Numbers and names: System V psABI. Accepted types: arch/x86/kernel/module.c, __apply_relocate_add (6.1, 6.12, 7.2: the same set):
/// NONE, 64, PC32, PLT32, 32, 32S, PC64; everything else is "Unknown rela relocation". There is no GOT and no PLT.
/// Late writes go through text_poke, so read-only targets are fine.
/// </summary>
internal static class X86_64
{
    public static Architecture Create() => new(
    [
        new(0, "R_X86_64_NONE", 0, None),
        new(1, "R_X86_64_64", 8, Absolute),
        new(2, "R_X86_64_PC32", 4, PcRelative),
        new(4, "R_X86_64_PLT32", 4, Branch),
        new(10, "R_X86_64_32", 4, Absolute),
        new(11, "R_X86_64_32S", 4, Absolute),
        new(24, "R_X86_64_PC64", 8, PcRelative),
        new(3, "R_X86_64_GOT32", 4, Got, false),
        new(5, "R_X86_64_COPY", 0, None, false),
        new(6, "R_X86_64_GLOB_DAT", 8, Got, false),
        new(7, "R_X86_64_JUMP_SLOT", 8, Got, false),
        new(8, "R_X86_64_RELATIVE", 8, Absolute, false),
        new(9, "R_X86_64_GOTPCREL", 4, Got, false),
        new(12, "R_X86_64_16", 2, Absolute, false),
        new(13, "R_X86_64_PC16", 2, PcRelative, false),
        new(14, "R_X86_64_8", 1, Absolute, false),
        new(15, "R_X86_64_PC8", 1, PcRelative, false),
        new(16, "R_X86_64_DTPMOD64", 8, Tls, false),
        new(17, "R_X86_64_DTPOFF64", 8, Tls, false),
        new(18, "R_X86_64_TPOFF64", 8, Tls, false),
        new(19, "R_X86_64_TLSGD", 4, Tls, false),
        new(20, "R_X86_64_TLSLD", 4, Tls, false),
        new(21, "R_X86_64_DTPOFF32", 4, Tls, false),
        new(22, "R_X86_64_GOTTPOFF", 4, Tls, false),
        new(23, "R_X86_64_TPOFF32", 4, Tls, false),
        new(25, "R_X86_64_GOTOFF64", 8, Got, false),
        new(26, "R_X86_64_GOTPC32", 4, Got, false),
        new(27, "R_X86_64_GOT64", 8, Got, false),
        new(28, "R_X86_64_GOTPCREL64", 8, Got, false),
        new(29, "R_X86_64_GOTPC64", 8, Got, false),
        new(41, "R_X86_64_GOTPCRELX", 4, Got, false),
        new(42, "R_X86_64_REX_GOTPCRELX", 4, Got, false),
    ])
    {
        Machine = ElfMachine.X86_64,
        Name = "x86_64",
        SourceName = "x86",
        CrossPrefixes = ["x86_64-linux-gnu-", "x86_64-redhat-linux-", "x86_64-suse-linux-", "x86_64-linux-"],
        ByteOrder = ByteOrder.Little,
        AbsoluteRelocation = 1,
        LivepatchSince = new Version(4, 0),
        // kernel/module/main.c, ignore_undef_symbol; the rest are ftrace's entry points, exported under these names.
        LoaderSymbols = new HashSet<string> { "_GLOBAL_OFFSET_TABLE_", "__fentry__", "mcount", "_mcount", "ftrace_caller", "ftrace_regs_caller" },
        PcRelativeBias = [4, 5, 6, 8],
        LocalTargets = FindTargets,
    };

    /// <summary>
    /// Instructions are not decoded: every byte that could begin a direct jump or call, or the opcode of a RIP-relative lea, is taken as one.
    /// That sees every real one; a chance hit must also point exactly at a function to count.
    /// </summary>
    private static void FindTargets(ReadOnlySpan<byte> section, int start, int end, List<long> targets)
    {
        for (var at = start; at < end; at++)
        {
            var opcode = section[at];
            var next = at + 1 < end ? section[at + 1] : 0;
            switch (opcode)
            {
                case 0xe8 or 0xe9:
                    Add32(section, at + 1);
                    break;
                case 0x0f when (next & 0xf0) == 0x80:
                case 0x8d when (next & 0xc7) == 0x05:
                    Add32(section, at + 2);
                    break;
                case 0xeb or (>= 0x70 and <= 0x7f) when at + 1 < end:
                    targets.Add(at + 2 + (sbyte)next);
                    break;
            }
        }

        void Add32(ReadOnlySpan<byte> section, int at)
        {
            if (at + 4 <= end)
            {
                targets.Add(at + 4L + BinaryPrimitives.ReadInt32LittleEndian(section[at..]));
            }
        }
    }
}
