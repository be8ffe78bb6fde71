using System.Text.RegularExpressions;
using Klp.Base;
using Klp.Kernel;

namespace Klp.Toolchain;

/// <summary>
/// What a kernel's configuration says of the compiler that built it (CONFIG_CC_HAS_…) and that does not hold for the one that is here.
/// kbuild has another flag for those without, but believes its configuration.
/// </summary>
internal static partial class CompilerAbilities
{
    /// <summary>
    /// The options to deny, without CONFIG_: those named like a flag that this compiler refuses. None where it is the kernel's own version.
    /// Flags that no such option stands for are left to the template's compilation, which fails with the compiler's words.
    /// </summary>
    public static async Task<IReadOnlyList<string>> MissingAsync(
        CompilerIdentity compiler, KernelTree tree, IReadOnlyList<string> flags, ProbeRequest request, string folder, CancellationToken cancellation)
    {
        if (compiler.Version == CompilerChecks.KernelVersion(tree, compiler.Family))
        {
            return [];
        }

        var words = flags.Where(f => f.StartsWith("-f", StringComparison.Ordinal) || f.StartsWith("-m", StringComparison.Ordinal));
        var call = new ProcessRequest(compiler.Path, [.. words, "-E", "-x", "c", "/dev/null"], folder, KbuildCall.Environment(request, folder)) { Timeout = TimeSpan.FromSeconds(30) };
        var result = await ProcessRunner.RunAsync(call, new DiagnosticBag(), cancellation).ConfigureAwait(false);
        return result is null or { ExitCode: 0 } ? []
            : [.. Refused().Matches(result.StandardError).Select(m => "CC_HAS_" + OptionOf(m.Groups[1].Value)).Where(tree.Config.IsSet).Distinct()];
    }

    /// <summary><c>-fmin-function-alignment=16</c> is what MIN_FUNCTION_ALIGNMENT stands for.</summary>
    private static string OptionOf(string flag) => flag.Split('=')[0][2..].Replace('-', '_').ToUpperInvariant();

    /// <summary>gcc's "unrecognized command-line option" and clang's "unknown argument", in any quotes.</summary>
    [GeneratedRegex("(?:unrecognized command-line option|unknown argument:?) *['\u2018\"](-[fm][^'\u2019\"]+)['\u2019\"]")]
    private static partial Regex Refused();
}
