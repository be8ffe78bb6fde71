namespace Klp.Kernel;

/// <summary>
/// The one place that knows a kernel version: rules of the target kernel's module loader and livepatch core that no header tells.
/// <c>KlpKernelRules</c> overrides any of them (distributions backport).
/// </summary>
public sealed record LoaderRules
{
    /// <summary>Major and minor version the defaults were chosen for.</summary>
    public required Version KernelVersion { get; init; }

    /// <summary>Longest object name: MODULE_NAME_LEN - 1.</summary>
    public int MaximumObjectName { get; init; } = 55;

    /// <summary>Longest symbol name the loader's scan takes: 127 before 6.1, 511 since (KSYM_NAME_LEN).</summary>
    public required int MaximumSymbolName { get; init; }

    /// <summary>vmlinux relocations are written while the patch loads (apply_relocations, 5.8+).</summary>
    public required bool EarlyVmlinuxRelocations { get; init; }

    /// <summary>A module's relocation section must not use vmlinux symbols (klp_resolve_symbols, 5.8+).</summary>
    public required bool RefusesVmlinuxSymbolsInModuleSections { get; init; }

    /// <summary>x86 <c>.klp.arch.*</c> sections are applied late (4.9 to 5.7).</summary>
    public required bool UsesArchSections { get; init; }

    /// <summary>Look-ups compare without <c>.llvm.&lt;hash&gt;</c> (6.2 to 6.10 with CONFIG_LTO_CLANG).</summary>
    public required bool StripsLlvmSuffix { get; init; }

    /// <summary>x86 clears relocations when a patched module unloads (6.3+), so that it can be loaded again.</summary>
    public required bool ClearsRelocationsOnUnload { get; init; }

    /// <summary>Jump labels have a sealed state for keys in <c>__ro_after_init</c> (absent in 6.1, present in 6.12).</summary>
    public required bool SealsReadOnlyStaticKeys { get; init; }

    /// <summary>Section <c>.parainstructions</c> is read (until 6.7; paravirt calls are alternatives since).</summary>
    public required bool ReadsParainstructions { get; init; }

    /// <summary>arm64 has livepatching (6.17+).</summary>
    public required bool Arm64Livepatch { get; init; }

    /// <summary>Stricter module ELF checks (6.13+), and struct module's size is compared (6.12+).</summary>
    public required bool ChecksThisModuleSize { get; init; }

    /// <summary><c>MODULE_IMPORT_NS</c> takes a string literal (6.13+), before a bare word.</summary>
    public required bool NamespacesAreStrings { get; init; }

    /// <summary>modpost warns of a module without a description (always since 7.0 or earlier; 6.12 only at W=1).</summary>
    public required bool AsksForDescription { get; init; }

    /// <summary>The ftrace site of a function to replace is searched in the whole range that kallsyms gives it (ftrace_location, 5.18+), before only at its start.</summary>
    public required bool SearchesFunctionForFtraceSite { get; init; }

    /// <summary>Defaults for a release string such as <c>6.1.0-50-amd64</c>; an unreadable one gets the newest rules.</summary>
    public static LoaderRules For(string release)
    {
        var version = ParseVersion(release);
        bool Since(int major, int minor) => version >= new Version(major, minor);
        return new LoaderRules
        {
            KernelVersion = version,
            MaximumSymbolName = Since(6, 1) ? 511 : 127,
            EarlyVmlinuxRelocations = Since(5, 8),
            RefusesVmlinuxSymbolsInModuleSections = Since(5, 8),
            UsesArchSections = !Since(5, 8),
            StripsLlvmSuffix = Since(6, 2) && !Since(6, 11),
            ClearsRelocationsOnUnload = Since(6, 3),
            SealsReadOnlyStaticKeys = Since(6, 12),
            ReadsParainstructions = !Since(6, 8),
            Arm64Livepatch = Since(6, 17),
            ChecksThisModuleSize = Since(6, 12),
            NamespacesAreStrings = Since(6, 13),
            AsksForDescription = Since(7, 0),
            SearchesFunctionForFtraceSite = Since(5, 18),
        };
    }

    /// <summary>CONFIG_CFI_CLANG of this release means jump tables and a check function per module (5.13 to 6.0), not kCFI (6.1+).</summary>
    public static bool ClangCfiHasJumpTables(string release) => ParseVersion(release) < new Version(6, 1);

    private static Version ParseVersion(string release)
    {
        var parts = release.Split('.', 3);
        var minor = parts.Length > 1 ? new string(parts[1].TakeWhile(char.IsAsciiDigit).ToArray()) : "";
        return parts.Length > 1 && int.TryParse(parts[0], out var major) && int.TryParse(minor, out var m) ? new Version(major, m) : new Version(99, 0);
    }
}
