using Klp.Elf;

namespace Klp.Symbols;

/// <summary>
/// What kind of section a reference stands in, by name: who reads it, and when. Source: include/asm-generic/vmlinux.lds.h, scripts/module.lds.S,
/// the module_finalize of each architecture, kernel/jump_label.c, kernel/static_call_inline.c.
/// </summary>
public static class SectionRules
{
    /// <summary>Read once while the module loads, before a module's livepatch relocations are written.</summary>
    private static readonly string[] s_special =
    [
        "__jump_table", ".static_call_sites", ".altinstructions", ".altinstr_replacement", ".altinstr_aux", "__bug_table", "__ex_table", ".smp_locks",
        ".kcfi_traps", "__mcount_loc", "__patchable_function_entries", ".orc_unwind", ".orc_unwind_ip", ".orc_lookup", ".orc_header", ".retpoline_sites", ".return_sites",
        ".call_sites", ".cfi_sites", ".ibt_endbr_seal", ".parainstructions", "__tracepoints_ptrs", "__bpf_raw_tp_map", "_ftrace_events",
        "_ftrace_eval_map", "__ftr_fixup", "__lwsync_fixup", "__fw_ftr_fixup", "__rfi_fixup", "__nospec_fixup", ".nospec_call_table", ".nospec_return_table",
    ];

    /// <summary>Read before any relocation is written.</summary>
    private static readonly string[] s_untouchable = [".modinfo", "__versions", "__version_ext_crcs", "__version_ext_names", ".gnu.linkonce.this_module"];

    private static readonly string[] s_ordinary = [".text", ".data", ".rodata", ".bss", ".sdata", ".sbss", ".toc", ".got", ".noinstr.text", ".ref.", ".cpuidle.text", ".sched.text", ".fixup", ".exception.text", ".klp.", ".lrodata", ".ldata", ".tm_clone_table", ".opd", ".entry.text", ".kprobes.text", ".irqentry.text", ".softirqentry.text", ".spinlock.text", ".static_call.text", "__ksymtab_strings"];

    public static bool IsUntouchable(string name) => s_untouchable.Contains(name);

    /// <summary>Names code without using it: unwind tables, notes, lists of what may not be probed.</summary>
    public static bool IsDescription(string name) =>
        name is ".eh_frame" or ".sframe" or "_kprobe_blacklist" or "_error_injection_whitelist" or ".BTF_ids" or ".BTF" || name.StartsWith(".note", StringComparison.Ordinal);

    /// <summary>Messages of the compiler to objtool and the linker, which module.lds throws away: scripts/module.lds.S. A merged object still has them.</summary>
    public static bool IsDiscarded(string name) => name == ".discard" || name.StartsWith(".discard.", StringComparison.Ordinal);

    public static bool IsSpecial(string name) => s_special.Contains(name) || name.StartsWith(".altinstr", StringComparison.Ordinal);

    /// <summary>How far a table's key stands behind the instruction of its entry (struct jump_entry, struct static_call_site); 0 in sections without keys.</summary>
    public static ulong KeyOffset(string name) => name switch
    {
        "__jump_table" => 8,
        ".static_call_sites" => 4,
        _ => 0,
    };

    /// <summary>Freed when the patch's init function has returned.</summary>
    public static bool IsInit(string name) => name.StartsWith(".init", StringComparison.Ordinal);

    /// <summary>Code and data as compilers make it, which belongs to whoever refers to it.</summary>
    public static bool IsOrdinary(ElfSection section) =>
        section.IsExecutable && !IsInit(section.Name) && !IsExit(section.Name) && !IsSpecial(section.Name)
        || s_ordinary.Any(p => section.Name.StartsWith(p, StringComparison.Ordinal));

    public static bool IsExit(string name) => name.StartsWith(".exit", StringComparison.Ordinal);

    /// <summary>Read-only once the patch is loaded.</summary>
    public static bool IsReadOnlyLater(ElfSection section) =>
        !section.Flags.HasFlag(SectionFlags.Write) || section.Name.StartsWith(".data.rel.ro", StringComparison.Ordinal) || section.Name.Contains("..ro_after_init", StringComparison.Ordinal);
}
