using Klp.Base;
using Klp.Kernel;

namespace Klp.Toolchain;

/// <summary>The one make call: writes the probe's Kbuild into a temporary folder, runs kbuild over it and reads the answer.</summary>
internal static class KbuildCall
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Asks kbuild; null with KLP0101 (no usable make), KLP0102 (kbuild failed) or KLP0103 (no complete answer).</summary>
    /// <param name="request">The tools to ask with.</param>
    /// <param name="tree">The kernel.</param>
    /// <param name="denied">CONFIG_ options, without the prefix, to be taken as off.</param>
    /// <param name="folder">An empty folder.</param>
    /// <param name="diagnostics">Gets the errors.</param>
    /// <param name="cancellation">Kills make.</param>
    public static async Task<ProbeAnswer?> AskAsync(
        ProbeRequest request, KernelTree tree, IReadOnlyCollection<string> denied, string folder, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        if (ProcessRunner.FindOnPath("make", request.SearchPath, folder) is not { } make)
        {
            diagnostics.Error("KLP0101", SourcePlace.None, "GNU make is not on the search path; it is needed once per kernel, to ask the kernel's build system for its flags.", "sudo apt install make");
            return null;
        }

        if (!SafeFile.WriteText(Path.Combine(folder, "Kbuild"), ProbeKbuild.Text, diagnostics)
            || !SafeFile.WriteText(Path.Combine(folder, ProbeKbuild.ObjectName + ".c"), "", diagnostics))
        {
            return null;
        }

        var output = Path.Combine(folder, "answer");
        var call = new ProcessRequest(make, Arguments(request, tree, denied, folder, output), folder, Environment(request, folder)) { Timeout = Patience };
        if (await ProcessRunner.RunAsync(call, diagnostics, cancellation).ConfigureAwait(false) is not { } result)
        {
            return null;
        }

        if (result.ExitCode != 0 || result.TimedOut)
        {
            ReportFailure(tree, result, diagnostics);
            return null;
        }

        var answer = File.Exists(output) && File.Exists(output + ".txt") ? ProbeAnswer.Parse(File.ReadAllBytes(output), File.ReadAllBytes(output + ".txt")) : null;
        if (answer is null)
        {
            ReportIncomplete(tree, make, File.Exists(output), result, diagnostics);
        }

        return answer;
    }

    /// <summary>A clean environment: kbuild reads dozens of variables (KCFLAGS, ARCH, V, MAKEFLAGS …), none of which may decide how a patch is built.</summary>
    public static Dictionary<string, string> Environment(ProbeRequest request, string folder) => new(StringComparer.Ordinal)
    {
        ["PATH"] = request.SearchPath,
        ["LC_ALL"] = "C",
        ["HOME"] = folder,
        ["TMPDIR"] = folder,
    };

    private static List<string> Arguments(ProbeRequest request, KernelTree tree, IEnumerable<string> denied, string folder, string output)
    {
        List<string> words = ["-s", "-C", tree.Directory, "M=" + folder, "KLP_OUT=" + output];
        void Add(string name, string? value)
        {
            if (value is not null)
            {
                words.Add($"{name}={value}");
            }
        }

        // Distributions' trees say it themselves; one that was built here takes the machine that make runs on.
        Add("ARCH", request.Architecture ?? (Architecture.ForSource(tree.SourceArchitecture) is { } target && target != Architecture.Host ? tree.SourceArchitecture : null));
        Add("CROSS_COMPILE", request.CrossPrefix);
        Add("CC", request.CompilerPath ?? (ForcedCompiler(request, tree)));
        Add("LD", request.LinkerPath);
        if ((request.Toolchain ?? Family(tree)) == CompilerFamily.Clang)
        {
            Add("LLVM", LlvmSuffix(request, tree));
        }

        // Set on make's command line a variable is so wherever a Makefile includes auto.conf.
        return [.. words, .. denied.Select(o => $"CONFIG_{o}="), ProbeKbuild.ObjectName + ".o"];
    }

    internal static CompilerFamily Family(KernelTree tree) => tree.Config.IsSet("CC_IS_CLANG") ? CompilerFamily.Clang : CompilerFamily.Gcc;

    private static string? ForcedCompiler(ProbeRequest request, KernelTree tree) => request.Toolchain switch
    {
        null => null,
        { } wanted when wanted == Family(tree) => null,
        CompilerFamily.Clang => "clang",
        _ => (request.CrossPrefix ?? "") + "gcc",
    };

    /// <summary>LLVM=-16 takes clang-16 and ld.lld-16, where the kernel was built with 16 and they are here; else LLVM=1 takes plain names.</summary>
    private static string LlvmSuffix(ProbeRequest request, KernelTree tree)
    {
        var major = tree.Config.TryGetValue("CLANG_VERSION", out var text) && int.TryParse(text, out var number) ? number / 10000 : 0;
        return major > 0 && ProcessRunner.FindOnPath($"clang-{major}", request.SearchPath, tree.Directory) is not null
            && ProcessRunner.FindOnPath($"ld.lld-{major}", request.SearchPath, tree.Directory) is not null
            ? $"-{major}"
            : "1";
    }

    private static void ReportFailure(KernelTree tree, ProcessResult result, DiagnosticBag diagnostics)
    {
        var said = (result.StandardError + result.StandardOutput).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        diagnostics.Error(
            "KLP0102",
            tree.Directory,
            result.TimedOut
                ? $"The kernel's build system gave no answer within {Patience.TotalMinutes} minutes."
                : $"The kernel's build system failed when asked for its flags (make exit code {result.ExitCode}).",
            "The lines below are its own. Often a part of the headers is missing or was made for another machine.",
            said.Length == 0 ? null : said[^Math.Min(said.Length, 20)..]);
    }

    private static void ReportIncomplete(KernelTree tree, string make, bool lists, ProcessResult result, DiagnosticBag diagnostics)
    {
        var said = (result.StandardError + result.StandardOutput).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lists)
        {
            diagnostics.Error("KLP0101", make, "This make cannot write files itself ($(file), GNU make 4.0), which the kernel needs as well.", "Install GNU make 4.0 or newer.");
        }
        else
        {
            diagnostics.Error("KLP0103", tree.Directory, "The kernel's build system ended without giving its flags; its Makefiles are not as any known kernel's.", null, said.Take(20).ToArray());
        }
    }
}
