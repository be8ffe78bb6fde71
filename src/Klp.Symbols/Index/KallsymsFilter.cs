namespace Klp.Symbols;

/// <summary>
/// Which symbols of vmlinux reach the kernel's own table (scripts/mksysmap and scripts/kallsyms.c): needed where a source lists more than the kernel keeps.
/// </summary>
internal static class KallsymsFilter
{
    private static readonly string[] Prefixes =
    [
        "$", ".L", "__efistub_", "__pi_$", "__pi_.L", "__kvm_nvhe_$", "__kvm_nvhe_.L", "__AArch64ADRPThunk_", "__ARMV5PILongThunk_", "__ARMV7PILongThunk_",
        "__ThumbV7PILongThunk_", "__LA25Thunk_", "__microLA25Thunk_", "__kcfi_typeid_", "__crc_", "__kstrtab_", "__kstrtabns_", ".LASANPC", "__mod_device_table__",
    ];

    private static readonly string[] Suffixes = ["_from_arm", "_from_thumb", "_veneer"];

    private static readonly HashSet<string> Names =
    [
        "L0", "_SDA_BASE_", "_SDA2_BASE_", "kallsyms_addresses", "kallsyms_offsets", "kallsyms_relative_base", "kallsyms_num_syms", "kallsyms_names",
        "kallsyms_markers", "kallsyms_token_table", "kallsyms_token_index", "kallsyms_seqs_of_names",
    ];

    public static bool Keeps(string name, char type) =>
        type is not ('a' or 'A' or 'N' or 'n' or 'U' or 'u' or 'w')
        && !Names.Contains(name)
        && !Array.Exists(Prefixes, p => name.StartsWith(p, StringComparison.Ordinal))
        && !Array.Exists(Suffixes, s => name.EndsWith(s, StringComparison.Ordinal))
        && !name.Contains(".long_branch.", StringComparison.Ordinal) && !name.Contains(".plt_branch.", StringComparison.Ordinal);
}
