using Klp.Base;
using Klp.Kernel;

namespace Klp.Toolchain;

/// <summary>
/// Checks without which a probe must not be trusted: with a missing or foreign compiler kbuild answers all the same, and silently without the mitigation flags.
/// </summary>
internal static class CompilerChecks
{
    /// <summary>Compares with the compiler the kernel was built with: KLP0105 (version), KLP0106 (family).</summary>
    public static void CheckVersion(CompilerIdentity compiler, KernelTree tree, CompilerVersionCheck check, DiagnosticBag diagnostics)
    {
        var built = tree.Config.TryGetValue("CC_VERSION_TEXT", out var text) ? text : "an unknown compiler";
        var family = KbuildCall.Family(tree);
        if (check == CompilerVersionCheck.Off || CompilerIdentity.Build(built) == CompilerIdentity.Build(compiler.VersionLine))
        {
            return;
        }

        if (compiler.Family != family)
        {
            diagnostics.Error(
                "KLP0106",
                compiler.Path,
                $"This kernel was built with {Name(family)} ({built}), and this is {Name(compiler.Family)} ({compiler.VersionLine}). The two differ in what a module's functions look like to the kernel.",
                $"Use {Name(family)}: remove KlpToolchain or KlpCompilerPath, or set KlpToolchain to {Name(family)}.");
            return;
        }

        var kernel = KernelVersion(tree, family);
        if (kernel == compiler.Version)
        {
            return;
        }

        var message = $"This kernel was built with {built}, and this compiler is {compiler.VersionLine}.";
        const string Cure = "Install the same version, or set KlpCompilerVersionCheck to Off when you know that both make the same code.";
        var otherMajor = kernel.Major != compiler.Version.Major;
        switch (check, otherMajor)
        {
            case (CompilerVersionCheck.Error, _):
                diagnostics.Error("KLP0105", compiler.Path, message, Cure);
                break;
            case (_, true):
                diagnostics.Warning("KLP0105", new SourcePlace(compiler.Path), message + " Another major version may inline and lay out differently.", Cure);
                break;
            default:
                diagnostics.Information("KLP0105", new SourcePlace(compiler.Path), message);
                break;
        }
    }

    /// <summary>Holds the flags against the kernel's configuration: KLP0107 with every promise that no flag keeps.</summary>
    public static void CheckFlags(IReadOnlyList<string> flags, KernelConfig config, CompilerIdentity compiler, DiagnosticBag diagnostics)
    {
        bool Any(params string[] starts) => flags.Any(f => starts.Any(s => f.StartsWith(s, StringComparison.Ordinal)));
        (bool Wanted, bool Kept, string Option, string Flag)[] promises =
        [
            (config.IsSet("RETPOLINE") || config.IsSet("MITIGATION_RETPOLINE"), Any("-mindirect-branch=", "-mretpoline-external-thunk"), "MITIGATION_RETPOLINE", "-mindirect-branch=thunk-extern"),
            (config.IsSet("RETHUNK") || config.IsSet("MITIGATION_RETHUNK"), Any("-mfunction-return=thunk-extern"), "MITIGATION_RETHUNK", "-mfunction-return=thunk-extern"),
            (config.IsSet("X86_KERNEL_IBT"), Any("-fcf-protection=branch"), "X86_KERNEL_IBT", "-fcf-protection=branch"),
            (config.IsSet("CALL_PADDING") || config.IsSet("DYNAMIC_FTRACE_WITH_CALL_OPS"), Any("-fpatchable-function-entry="), "CALL_PADDING", "-fpatchable-function-entry="),
            (config.IsSet("HAVE_FENTRY") && config.IsSet("FUNCTION_TRACER"), Any("-mfentry"), "FUNCTION_TRACER with HAVE_FENTRY", "-mfentry"),
            (config.IsSet("CFI_CLANG") || config.IsSet("CFI"), Any("-fsanitize=kcfi"), "CFI", "-fsanitize=kcfi"),
            (config.IsSet("STACKPROTECTOR_STRONG"), Any("-fstack-protector-strong"), "STACKPROTECTOR_STRONG", "-fstack-protector-strong"),
            (config.IsSet("RANDSTRUCT"), Any("-frandomize-layout-seed") || flags.Any(f => f.Contains("randomize_layout_plugin", StringComparison.Ordinal)), "RANDSTRUCT", "the layout seed or plugin"),
        ];
        var broken = promises.Where(p => p.Wanted && !p.Kept).ToArray();
        if (broken.Length > 0)
        {
            diagnostics.Error(
                "KLP0107",
                compiler.Path,
                $"With this compiler ({compiler.VersionLine}) the kernel's build system leaves out flags that its configuration promises; a module built so would undermine the kernel's protection or not be patched correctly.",
                $"Use the compiler the kernel was built with: {(config.TryGetValue("CC_VERSION_TEXT", out var built) ? built : "see the kernel's CONFIG_CC_VERSION_TEXT")}.",
                [.. broken.Select(p => $"CONFIG_{p.Option} needs {p.Flag}")]);
        }
    }

    /// <summary>The version of the kernel's compiler; 0.0.0 where the configuration does not say.</summary>
    public static Version KernelVersion(KernelTree tree, CompilerFamily family)
    {
        var option = family == CompilerFamily.Clang ? "CLANG_VERSION" : "GCC_VERSION";
        return tree.Config.TryGetValue(option, out var text) && int.TryParse(text, out var number)
            ? new Version(number / 10000, number / 100 % 100, number % 100)
            : new Version(0, 0);
    }

    private static string Name(CompilerFamily family) => family == CompilerFamily.Clang ? "clang" : "gcc";
}
