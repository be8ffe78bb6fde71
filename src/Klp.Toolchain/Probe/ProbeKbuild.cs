namespace Klp.Toolchain;

/// <summary>
/// The text of the one Kbuild that asks a kernel's own build system how it would compile a module, without compiling anything.
/// </summary>
/// <remarks>
/// An explicit rule for an object that kbuild takes for a module's beats its pattern rule, so make expands every variable in exactly the context a real
/// object has: <c>$@</c>, target-specific variables, part-of-module, and <c>prepare</c> done. The shell takes the quoting off flag lists; NUL separates words.
/// Tools' variables are asked for by name: the environment as a whole, which may hold secrets, is never written anywhere.
/// </remarks>
internal static class ProbeKbuild
{
    public const string ObjectName = "klp_probe";

    /// <summary>Lists of shell words.</summary>
    public static readonly IReadOnlyList<string> Lists =
    [
        "c_flags", "a_flags", "ld_flags", "KBUILD_LDFLAGS", "KBUILD_LDFLAGS_MODULE", "CC_FLAGS_LTO", "CC_FLAGS_CFI", "CFLAGS_GCOV", "CFLAGS_KCSAN", "CFLAGS_KASAN", "CFLAGS_UBSAN", "CFLAGS_KCOV",
        "GCC_PLUGINS_CFLAGS", "RANDSTRUCT_CFLAGS", "CC", "LD", "objtool", "objtool-args", "objtool_args", "__objtool_obj",
    ];

    /// <summary>Values that are one word, or shell text that must not be run.</summary>
    public static readonly IReadOnlyList<string> Values =
    [
        "CURDIR", "srctree", "objtree", "ARCH", "SRCARCH", "KERNELRELEASE", "MAKE_VERSION", "part-of-module", "delay-objtool", "objtool-enabled", "cmd_record_mcount",
    ];

    /// <summary>What kernel tools may find in their environment (Debian's objtool is a launcher that reads SRCARCH); nothing else is passed on or kept.</summary>
    public static readonly IReadOnlyList<string> ToolVariables =
    [
        "ARCH", "SRCARCH", "SUBARCH", "UTS_MACHINE", "objtree", "srctree", "abs_objtree", "abs_srctree", "CROSS_COMPILE", "CC", "LD", "NM", "OBJCOPY", "READELF", "PAHOLE", "PAHOLE_FLAGS",
        "MODULE_PAHOLE_FLAGS", "RESOLVE_BTFIDS", "RESOLVE_BTFIDS_FLAGS", "CONFIG_SHELL", "LC_COLLATE", "LC_NUMERIC", "BITS", "KBUILD_VERBOSE", "KCONFIG_CONFIG",
    ];

    /// <summary>The Kbuild. It writes the lists to <c>$(KLP_OUT)</c> and the values to <c>$(KLP_OUT).txt</c>. One recipe line: make expands all of them before the first one runs.</summary>
    public static string Text => $"""
        obj-m := {ObjectName}.o
        klp-lists := {string.Join(' ', Lists)}
        klp-values := {string.Join(' ', Values)}
        klp-tools := {string.Join(' ', ToolVariables)}
        klp-dump = $(file >$(KLP_OUT).txt,probe=1)$(foreach v,$(klp-values),$(file >>$(KLP_OUT).txt,$(v)=$(strip $($(v)))))$(foreach v,$(klp-tools),$(file >>$(KLP_OUT).txt,@$(v)=$(strip $($(v)))))
        $(obj)/{ObjectName}.o: FORCE
        	@set -f; : > '$(KLP_OUT)'; $(foreach v,$(klp-lists),printf '%s\0' '@$(v)' $($(v)) >> '$(KLP_OUT)';)$(klp-dump)

        """;
}
