using System.Collections.Concurrent;
using Klp.Base;
using Klp.Kernel;

namespace Klp.TestKit;

/// <summary>One unpacked distribution kernel that tests build for and, where it has an image, boot. All paths are absolute.</summary>
/// <param name="Release">For example <c>6.1.0-56-amd64</c>.</param>
/// <param name="BuildDirectory">The build tree (<c>make -C</c> works from there).</param>
/// <param name="ImageFile">vmlinuz; it may not be there.</param>
/// <param name="ModulesDirectory">The folder <c>lib/modules/&lt;release&gt;</c> of the package; it may not be there.</param>
public sealed record TestKernel(string Release, string BuildDirectory, string ImageFile, string ModulesDirectory)
{
    private static readonly ConcurrentDictionary<string, KernelConfig?> s_configs = new();

    private KernelConfig? Config => s_configs.GetOrAdd(BuildDirectory, d => KernelConfig.Read(Path.Combine(d, "include/config/auto.conf"), []));

    /// <summary>The store it lies in, for <c>KlpKernelStore</c>.</summary>
    public string Store => Path.GetDirectoryName(Path.GetDirectoryName(ImageFile))!;

    /// <summary>Major and minor version, for example <c>6.1</c>.</summary>
    public string Series => string.Join('.', Release.Split('.', 3).Take(2));

    /// <summary>True where the image and the modules are here, not the headers only.</summary>
    public bool IsWhole => File.Exists(ImageFile) && Directory.Exists(ModulesDirectory);

    /// <summary>Debian's build for everybody, as opposed to <c>cloud</c> and <c>rt</c>.</summary>
    public bool IsPlain => !Release.Contains("-cloud-", StringComparison.Ordinal) && !Release.Contains("-rt-", StringComparison.Ordinal) && !Release.EndsWith("-16k", StringComparison.Ordinal);

    /// <summary>The facts of its machine; null for one that is not supported.</summary>
    public Architecture? Architecture => Klp.Kernel.Architecture.All.FirstOrDefault(a => IsSet(a.ConfigOption));

    public bool IsForeign => Architecture is { } machine && machine != Klp.Kernel.Architecture.Host;

    /// <summary>True where the compiler that built it is here, by any of its names.</summary>
    public bool HasItsCompiler => CompilerName is { } name && (IsHere(name) || IsHere(Prefix + name) || IsHere(WithoutPrefix(name)));

    /// <summary>
    /// What kbuild has to be told on this machine: the machine and its cross compiler; a compiler of another version and what that lacks, and no BTF, for which the pahole
    /// beside that compiler is too old.
    /// </summary>
    public IReadOnlyList<string> MakeArguments =>
    [
        .. IsForeign ? new[] { "ARCH=" + Architecture!.SourceName, "CROSS_COMPILE=" + Prefix } : [],
        .. IsSet("CC_IS_CLANG") ? new[] { "LLVM=1" } : [],
        .. HasItsCompiler ? [] : new[] { $"CC={Prefix}gcc", "CONFIG_DEBUG_INFO_BTF_MODULES=" },
        .. HasItsCompiler || AlignsFunctions ? [] : new[] { "CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT=" },
    ];

    /// <summary>Debian's prefix of the tools for its machine.</summary>
    public string Prefix => Architecture!.CrossPrefixes[0];

    public bool IsSet(string option) => Config is { } config && config.IsSet(option);

    /// <summary>Short: what xunit shows for a theory's argument.</summary>
    public override string ToString() => Release;

    // gcc 14 is the first that knows it.
    private bool AlignsFunctions => CCompiler.TryRun(Prefix + "gcc", "/", "-fmin-function-alignment=16", "-E", "-x", "c", "/dev/null").ExitCode == 0;

    // Debian says "Debian clang version 14.0.6".
    private string? CompilerName => IsSet("CC_IS_CLANG") ? "clang" : Config is { } config && config.TryGetValue("CC_VERSION_TEXT", out var text) ? text.Split(' ')[0] : null;

    private string WithoutPrefix(string name) => name.StartsWith(Prefix, StringComparison.Ordinal) && !IsForeign ? name[Prefix.Length..] : name;

    // clang is one for all machines; a gcc without prefix is this machine's.
    private bool IsHere(string program) => !(IsForeign && program != "clang" && !program.StartsWith(Prefix, StringComparison.Ordinal)) && ProcessRunner.FindOnPath(program, KernelProfiles.SearchPath, "/") is not null;
}
