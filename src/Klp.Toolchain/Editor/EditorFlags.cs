using Klp.Kernel;

namespace Klp.Toolchain;

/// <summary>
/// The part of a compile command that an editor's C parser (clangd) needs: what decides how the text is read, not what code comes of it. Pure.
/// </summary>
/// <remarks>A list of what is kept and not of what is dropped: clang takes an unknown gcc flag for an error, and every gcc has new ones.</remarks>
internal static class EditorFlags
{
    private static readonly string[] KeptPrefixes =
    [
        "-D", "-U", "-I", "-include", "-imacros", "-isystem", "-iquote", "-idirafter", "-isysroot", "--sysroot", "-std=", "-W",
        "-fno-builtin", "-ffreestanding", "-fms-extensions",
    ];

    private static readonly string[] Kept = ["-nostdinc", "-fshort-wchar", "-funsigned-char", "-fsigned-char", "-fno-strict-aliasing", "-fno-common", "-fno-strict-overflow", "-m64", "-mlittle-endian", "-mbig-endian"];
    private static readonly string[] WithValue = ["-D", "-U", "-I", "-include", "-imacros", "-isystem", "-iquote", "-idirafter", "-isysroot", "--sysroot"];

    /// <summary>Words of <paramref name="flags"/> that clang reads as gcc does, and the target the kernel is for.</summary>
    public static List<string> For(KernelProfile profile, IReadOnlyList<string> flags)
    {
        List<string> kept = [];
        if (Target(profile) is { } target)
        {
            kept.Add("--target=" + target);
        }

        for (var i = 0; i < flags.Count; i++)
        {
            var word = flags[i];
            if (WithValue.Contains(word) && i + 1 < flags.Count)
            {
                kept.Add(word);
                kept.Add(flags[++i]);
            }
            else if (Kept.Contains(word) || (KeptPrefixes.Any(p => word.StartsWith(p, StringComparison.Ordinal)) && !IsPassedOn(word)))
            {
                kept.Add(word);
            }
        }

        // gcc's warnings that clang has not, and attributes and extensions of the kernel's headers that only clang remarks on.
        return [.. kept, "-Wno-unknown-warning-option", "-Wno-unknown-attributes", "-Wno-gnu"];
    }

    /// <summary>-Wa, -Wl, -Wp: words for other programs.</summary>
    private static bool IsPassedOn(string word) => word.Length > 3 && word[3] == ',' && word[1] == 'W';

    private static string? Target(KernelProfile profile) => profile.Machine switch
    {
        Klp.Elf.ElfMachine.X86_64 => "x86_64-linux-gnu",
        Klp.Elf.ElfMachine.AArch64 => "aarch64-linux-gnu",
        Klp.Elf.ElfMachine.Ppc64 => profile.ByteOrder == Klp.Elf.ByteOrder.Little ? "powerpc64le-linux-gnu" : "powerpc64-linux-gnu",
        Klp.Elf.ElfMachine.S390 => "s390x-linux-gnu",
        Klp.Elf.ElfMachine.RiscV => "riscv64-linux-gnu",
        Klp.Elf.ElfMachine.LoongArch => "loongarch64-linux-gnu",
        _ => null,
    };
}
