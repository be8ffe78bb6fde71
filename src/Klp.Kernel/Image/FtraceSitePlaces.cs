using Klp.Elf;

namespace Klp.Kernel;

/// <summary>Where a machine's compilers leave the ftrace site of a function, as the recorded addresses have it, and which of several the kernel takes.</summary>
/// <param name="FarthestInside">
/// A site belongs to a function if it stands this far inside it at most (FTRACE_MCOUNT_MAX_OFFSET, arch ftrace_call_adjust). One farther inside is of a weak
/// function that the linker dropped: its code and its site are still there, its name is not.
/// </param>
/// <param name="FarthestBefore">How far in front of the function it may be recorded.</param>
/// <param name="IsFirst">A site can be the function's first instruction, and is recorded where the kernel will have it.</param>
public sealed record FtraceSitePlaces(ulong FarthestInside, ulong FarthestBefore, bool IsFirst)
{
    private static readonly FtraceSitePlaces X86 = new(4, 0, true); // behind endbr64
    private static readonly FtraceSitePlaces Arm64 = new(16, 8, false); // nops behind bti; with call operations two instructions in front are recorded
    private static readonly FtraceSitePlaces Other = new(16, 0, true); // powerpc: behind the TOC set-up and the saved link register

    public static FtraceSitePlaces Of(ElfMachine machine) => machine switch
    {
        ElfMachine.X86_64 => X86,
        ElfMachine.AArch64 => Arm64,
        _ => Other,
    };

    /// <summary>Whether one of the sorted sites is the function's own.</summary>
    /// <param name="size">Distance to the next symbol; a site behind it is another function's.</param>
    public bool HasEntry(ReadOnlySpan<ulong> sites, ulong start, ulong size)
    {
        var index = First(sites, start);
        return index < sites.Length && sites[index] < start + Math.Clamp(size, 1, FarthestInside + 1);
    }

    /// <summary>
    /// Whether the kernel, asked for the function's site, may find another: none stands at its first byte, where it looks first, and it searches the whole range
    /// that its symbol table gives the function, in which there are several, for any of them (kernel/trace/ftrace.c, ftrace_location and lookup_rec, 5.18+).
    /// </summary>
    public bool HasStray(ReadOnlySpan<ulong> sites, ulong start, ulong size)
    {
        var index = First(sites, start);
        return size > FarthestBefore && index + 1 < sites.Length && sites[index + 1] < start + size - FarthestBefore && !(IsFirst && sites[index] == start);
    }

    private int First(ReadOnlySpan<ulong> sites, ulong start)
    {
        var index = sites.BinarySearch(start - Math.Min(FarthestBefore, start));
        return index < 0 ? ~index : index;
    }
}
