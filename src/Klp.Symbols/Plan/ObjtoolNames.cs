namespace Klp.Symbols;

/// <summary>
/// Function names that objtool knows: functions that never return, and the trampolines of static calls. Source: tools/objtool/check.c and
/// noreturns.h, 6.1 to 6.12. Under another name objtool takes the code behind a call for reachable, or misses the static call.
/// </summary>
internal static class ObjtoolNames
{
    private static readonly HashSet<string> s_noReturn =
    [
        "__fortify_panic", "__kunit_abort", "__module_put_and_kthread_exit", "__reiserfs_panic", "__stack_chk_fail", "__ubsan_handle_builtin_unreachable", "arch_call_rest_init",
        "arch_cpu_idle_dead", "bch2_trans_in_restart_error", "bch2_trans_restart_error", "bch2_trans_unlocked_error", "cpu_bringup_and_idle", "cpu_startup_entry", "dev_abort", "do_exit", "do_group_exit",
        "do_task_dead", "ex_handler_msr_mce", "fortify_panic", "hlt_play_dead", "hv_ghcb_terminate", "kthread_complete_and_exit", "kthread_exit", "kunit_try_catch_throw", "lbug_with_loc",
        "machine_real_restart", "make_task_dead", "mpt_halt_firmware", "mwait_play_dead", "nmi_panic_self_stop", "panic", "panic_smp_self_stop", "rest_init", "rewind_stack_and_make_dead", "rust_begin_unwind",
        "sev_es_terminate", "snp_abort", "start_kernel", "stop_this_cpu", "usercopy_abort", "x86_64_start_kernel", "x86_64_start_reservations", "xen_cpu_bringup_again", "xen_start_kernel",
    ];

    public static bool IsSpecial(string name) => s_noReturn.Contains(name) || name.StartsWith("__SCT__", StringComparison.Ordinal);
}
