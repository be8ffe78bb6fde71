using System.Text;
using System.Text.RegularExpressions;
using Klp.Base;

namespace Klp.Kernel;

/// <summary>
/// A kernel's build tree (what <c>/lib/modules/&lt;release&gt;/build</c> points to): the facts that can be read without starting a process.
/// </summary>
public sealed partial class KernelTree
{
    private KernelTree(string directory, string release, KernelConfig config, string sourceArchitecture, string symversFile, string? moduleScriptFile)
    {
        Directory = directory;
        Release = release;
        Config = config;
        SourceArchitecture = sourceArchitecture;
        SymversFile = symversFile;
        ModuleScriptFile = moduleScriptFile;
    }

    /// <summary>Absolute path without links (objtree in kbuild's words).</summary>
    public string Directory { get; }

    /// <summary>
    /// UTS_RELEASE of <c>include/generated/utsrelease.h</c>, what <c>uname -r</c> says on that kernel.
    /// Not <c>include/config/kernel.release</c>: Debian has the upstream version there.
    /// </summary>
    public string Release { get; }

    public KernelConfig Config { get; }

    /// <summary>SRCARCH: <c>x86</c>, <c>arm64</c>, <c>powerpc</c>, <c>s390</c>.</summary>
    public string SourceArchitecture { get; }

    public string SymversFile { get; }

    /// <summary><c>module.lds</c>; null in trees before 5.10, which keep <c>module-common.lds</c> among the sources.</summary>
    public string? ModuleScriptFile { get; }

    /// <summary>Whether kbuild can work in a folder of this name: make has no quoting for file names.</summary>
    public static bool IsUsablePath(string directory) => directory.AsSpan().IndexOfAny(" :%#$'\"\\\t\n") < 0;

    /// <summary>Opens a tree and checks that livepatch modules can be built with it; every problem is reported, not only the first.</summary>
    /// <param name="buildDirectory">Absolute path of the tree or of a link to it.</param>
    /// <param name="diagnostics">Gets KLP0200 to KLP0214.</param>
    /// <param name="symversFile">Used instead of the tree's <c>Module.symvers</c>.</param>
    /// <param name="forLivepatch">False for a module of another kind, which any kernel takes.</param>
    public static KernelTree? Open(string buildDirectory, DiagnosticBag diagnostics, string? symversFile = null, bool forLivepatch = true)
    {
        var said = new DiagnosticBag();
        var tree = new KernelTreeReader(buildDirectory, symversFile, forLivepatch, said).Read();
        diagnostics.AddRange(said);
        return said.HasErrors ? null : tree;
    }

    [GeneratedRegex("""^\s*#\s*define\s+UTS_RELEASE\s+"([^"]+)"\s*$""", RegexOptions.Multiline)]
    private static partial Regex ReleaseLine();

    [GeneratedRegex("""^\s*include\s+(\S.*?)\s*$""", RegexOptions.Multiline)]
    private static partial Regex IncludeLine();

    private sealed class KernelTreeReader(string given, string? symversFile, bool forLivepatch, DiagnosticBag diagnostics)
    {
        private static readonly (string Option, string Name)[] KnownArchitectures =
            [("X86", "x86"), ("ARM64", "arm64"), ("PPC", "powerpc"), ("S390", "s390")];

        private readonly string _directory = RealPath.Of(given);

        public KernelTree? Read()
        {
            if (!System.IO.Directory.Exists(_directory))
            {
                ReportMissing();
                return null;
            }

            if (!IsUsablePath(_directory))
            {
                diagnostics.Error("KLP0210", _directory, "kbuild cannot work in a kernel tree whose path has a space, a quote or one of : % # $ \\ in it.", "Move the tree, or reach it by another path.");
            }

            CheckMakefile();
            CheckScripts();
            var config = ReadConfig();
            var release = ReadRelease();
            var architecture = config is null ? null : Architecture(config);
            if (config is not null)
            {
                CheckCallChecks(config, release);
            }

            var symvers = FindSymvers();
            var script = FirstExisting("scripts/module.lds", architecture is null ? "scripts/module.lds" : $"arch/{architecture}/module.lds");
            return config is null || release is null || architecture is null ? null : new KernelTree(_directory, release, config, architecture, symvers, script);
        }

        private string PackageRelease() => ReleaseInPath().Match(given + "\n" + _directory) is { Success: true } match ? match.Groups[1].Value : "$(uname -r)";

        private string Cure() => $"On Debian or Ubuntu: sudo apt install linux-headers-{PackageRelease()} (Fedora: kernel-devel, SUSE: kernel-default-devel). "
            + "Or name another tree with KlpKernelBuildDirectory.";

        private void ReportMissing()
        {
            var link = new FileInfo(given).LinkTarget;
            diagnostics.Error(
                "KLP0200",
                given,
                link is null ? "This kernel's build tree does not exist." : $"This kernel's build tree is a link to {link}, which does not exist: the kernel's headers are not installed.",
                Cure());
        }

        private void CheckMakefile()
        {
            var path = Path.Combine(_directory, "Makefile");
            if (!File.Exists(path))
            {
                diagnostics.Error("KLP0201", _directory, "This folder has no Makefile, so it is no kernel build tree.", Cure());
                return;
            }

            var text = ReadText(path);
            if (text is null)
            {
                return;
            }

            // Debian and O= trees: a short Makefile that includes the sources' one, which is in another package.
            foreach (Match match in IncludeLine().Matches(text.Length < 4096 ? text : ""))
            {
                var included = match.Groups[1].Value.Replace("$(dir $(lastword $(MAKEFILE_LIST)))", _directory + "/", StringComparison.Ordinal);
                if (!included.Contains('$', StringComparison.Ordinal) && !File.Exists(Path.Combine(_directory, included)))
                {
                    var package = Path.GetFileName(Path.GetDirectoryName(included)) ?? "";
                    diagnostics.Error(
                        "KLP0202",
                        path,
                        $"This kernel tree's sources are missing: its Makefile includes {Path.GetFullPath(included, _directory)}, which does not exist.",
                        package.StartsWith("linux-headers-", StringComparison.Ordinal) ? $"sudo apt install {package}" : "Install the kernel's headers again, or unpack the sources there.");
                }
            }
        }

        private void CheckScripts()
        {
            foreach (var name in (string[])["scripts", "tools"])
            {
                var path = Path.Combine(_directory, name);
                if (new FileInfo(path).LinkTarget is { } target && !System.IO.Directory.Exists(path))
                {
                    var package = target.Split('/').FirstOrDefault(p => p.StartsWith("linux-kbuild-", StringComparison.Ordinal));
                    diagnostics.Error(
                        "KLP0203",
                        path,
                        $"This kernel's build tools are missing: {name} is a link to {target}, which does not exist.",
                        package is null ? Cure() : $"sudo apt install {package}");
                }
            }
        }

        private KernelConfig? ReadConfig()
        {
            var path = Path.Combine(_directory, "include/config/auto.conf");
            var header = Path.Combine(_directory, "include/generated/autoconf.h");
            if (!File.Exists(path) || !File.Exists(header))
            {
                diagnostics.Error(
                    "KLP0204",
                    _directory,
                    $"This kernel tree is not configured: {(File.Exists(path) ? header : path)} is missing.",
                    $"For a tree of your own: make -C {_directory} olddefconfig modules_prepare. For a distribution's, install its headers package again.");
                return null;
            }

            if (KernelConfig.Read(path, diagnostics) is not { } config)
            {
                return null;
            }

            CheckConfig(config, path);
            return config;
        }

        private void CheckConfig(KernelConfig config, string path)
        {
            if (config.Count == 0)
            {
                diagnostics.Error("KLP0204", path, "This kernel configuration holds no CONFIG_ line; the file is empty or damaged.", $"make -C {_directory} olddefconfig modules_prepare, or install the headers package again.");
                return;
            }

            if (!config.IsSet("MODULES"))
            {
                diagnostics.Error("KLP0206", path, "This kernel is configured without loadable modules (CONFIG_MODULES), so no livepatch can be loaded.", "Choose another kernel.");
            }
            else if (forLivepatch && !config.IsSet("LIVEPATCH"))
            {
                ReportNoLivepatch(config, path);
            }

            if (!config.IsSet("64BIT"))
            {
                diagnostics.Error("KLP0208", path, "This is a 32-bit kernel; only 64-bit kernels are supported.", "Choose another kernel.");
            }

            if (config.IsSet("PPC") && config.IsSet("CPU_BIG_ENDIAN"))
            {
                diagnostics.Error("KLP0208", path, "This is a big-endian POWER kernel; only ppc64le is supported.", "Choose another kernel.");
            }
        }

        /// <summary>Jump tables and a __cfi_check per module are made by a full LTO link alone. The shadow is an option of that form only.</summary>
        private void CheckCallChecks(KernelConfig config, string? release)
        {
            if (config.IsSet("CFI_CLANG") && (config.IsSet("CFI_CLANG_SHADOW") || (release is not null && LoaderRules.ClangCfiHasJumpTables(release))))
            {
                diagnostics.Error(
                    "KLP0209",
                    Path.Combine(_directory, "include/config/auto.conf"),
                    "This kernel uses the jump-table form of clang CFI (5.13 to 6.0), whose modules need an LTO link.",
                    "Choose a kernel without it (CONFIG_CFI_CLANG), or 6.1 and newer.");
            }
        }

        /// <summary>HAVE_LIVEPATCH is what an architecture selects once it can; LIVEPATCH is what the distribution chose.</summary>
        private void ReportNoLivepatch(KernelConfig config, string path)
        {
            var architecture = KnownArchitectures.FirstOrDefault(a => config.IsSet(a.Option)).Name is { } name ? Kernel.Architecture.ForSource(name) : null;
            if (!config.IsSet("HAVE_LIVEPATCH") && architecture is not null)
            {
                diagnostics.Error(
                    "KLP0214",
                    path,
                    $"This kernel cannot carry livepatches: it has no support for them on {architecture.Name} (CONFIG_HAVE_LIVEPATCH), which came with Linux {architecture.LivepatchSince}.",
                    "Choose a newer kernel, or one of another architecture.");
                return;
            }

            diagnostics.Error(
                "KLP0207",
                path,
                $"This kernel is configured without livepatching (CONFIG_LIVEPATCH){(architecture is null ? "" : " for " + architecture.Name)}, so it would refuse the module.",
                "Choose another kernel: Debian's have it on amd64; in one of your own, enable CONFIG_LIVEPATCH and rebuild.");
        }

        private string? ReadRelease()
        {
            var path = Path.Combine(_directory, "include/generated/utsrelease.h");
            var text = File.Exists(path) ? ReadText(path) : null;
            if (text is not null && ReleaseLine().Match(text) is { Success: true } match)
            {
                return match.Groups[1].Value;
            }

            diagnostics.Error(
                "KLP0205",
                path,
                text is null ? "This kernel tree does not say its release: the file is missing." : "This kernel tree does not say its release: there is no UTS_RELEASE in the file.",
                $"For a tree of your own: make -C {_directory} modules_prepare. For a distribution's, install its headers package again.");
            return null;
        }

        private string? Architecture(KernelConfig config)
        {
            foreach (var (option, name) in KnownArchitectures)
            {
                if (config.IsSet(option))
                {
                    return name;
                }
            }

            if (config.Count > 0)
            {
                diagnostics.Error("KLP0208", _directory, $"This kernel's architecture is not supported; supported are {string.Join(", ", Kernel.Architecture.All.Select(a => a.Name))}.", "Choose another kernel.");
            }

            return null;
        }

        private string FindSymvers()
        {
            var path = symversFile ?? Path.Combine(_directory, "Module.symvers");
            var info = new FileInfo(path);
            if (!info.Exists || info.Length == 0)
            {
                diagnostics.Error(
                    "KLP0211",
                    path,
                    $"The list of the kernel's exported symbols is {(info.Exists ? "empty" : "missing")}; without it no module of this kernel can be linked or loaded.",
                    symversFile is null ? "A tree of your own has it only after a full build (make). A distribution's headers package always has it: install it again." : "Correct KlpModuleSymversFile.");
            }

            return path;
        }

        private string? FirstExisting(params string[] names) => names.Select(n => Path.Combine(_directory, n)).FirstOrDefault(File.Exists);

        private string? ReadText(string path) => SafeFile.Read(path, diagnostics) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;
    }

    [GeneratedRegex("""(?:/lib/modules/|linux-headers-|/usr/src/kernels/|/kernels/)(\d[^/\n]*)""")]
    private static partial Regex ReleaseInPath();
}
