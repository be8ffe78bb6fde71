namespace Klp.Verify;

/// <summary>
/// The functions that SYSCALL_DEFINEn makes of a system call's name: a patch replaces the one that the table of system calls names. Source: include/linux/syscalls.h and
/// arch/*/include/asm/syscall_wrapper.h (x86 from 4.17, arm64 and s390 from 4.19; powerpc keeps sys_name).
/// </summary>
internal static class SystemCallNames
{
    public const string Advice = "its only parameter is const struct pt_regs *regs";

    private static readonly string[] Written = ["sys_", "SyS_", "__do_sys_", "__se_sys_", "ksys_", "do_sys_"];

    private static readonly string[] Entries = ["__x64_sys_", "__arm64_sys_", "__s390x_sys_"];

    /// <summary>Names an architecture may have for the call that was meant; none where the name is not like that of a system call.</summary>
    public static IEnumerable<string> Of(string name) =>
        Written.FirstOrDefault(w => name.Length > w.Length && name.StartsWith(w, StringComparison.Ordinal)) is { } prefix ? Entries.Select(e => e + name[prefix.Length..]) : [];
}
