using System.Text.RegularExpressions;
using Klp.Base;
using Klp.Kernel;

namespace Klp.Toolchain;

/// <summary>What a compiler says of itself.</summary>
/// <param name="Path">Absolute, as found on the search path.</param>
/// <param name="VersionLine">First line of <c>--version</c>.</param>
/// <param name="Version">Numbers only; 0.0 where the line has none.</param>
internal sealed partial record CompilerIdentity(string Path, CompilerFamily Family, string VersionLine, Version Version)
{
    /// <summary>Runs <c>--version</c>; null with KLP0104 where the program does not run or does not sound like a compiler.</summary>
    public static async Task<CompilerIdentity?> AskAsync(string path, ProbeRequest request, string folder, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var call = new ProcessRequest(path, ["--version"], folder, KbuildCall.Environment(request, folder)) { Timeout = TimeSpan.FromSeconds(30) };
        var result = await ProcessRunner.RunAsync(call, diagnostics, cancellation).ConfigureAwait(false);
        if (result is null)
        {
            return null;
        }

        var line = result.StandardOutput.Split('\n')[0].Trim();
        if (result.ExitCode != 0 || line.Length == 0)
        {
            diagnostics.Error(
                "KLP0104",
                path,
                $"This compiler does not run: --version ended with exit code {result.ExitCode} and {(line.Length == 0 ? "printed nothing" : $"\"{line}\"")}.",
                "Install it again, or name another with KlpCompilerPath.",
                result.StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries).Take(5).ToArray());
            return null;
        }

        var family = result.StandardOutput.Contains("clang version", StringComparison.Ordinal) ? CompilerFamily.Clang : CompilerFamily.Gcc;
        return new CompilerIdentity(path, family, line, VersionIn(line));
    }

    /// <summary>
    /// Compiles an empty source; false with KLP0104 where that fails. A compiler without its assembler says its version and fails at everything else, and kbuild takes that for "knows no flag".
    /// </summary>
    public async Task<bool> WorksAsync(ProbeRequest request, string folder, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var call = new ProcessRequest(Path, ["-x", "c", "-c", "/dev/null", "-o", System.IO.Path.Combine(folder, "empty.o")], folder, KbuildCall.Environment(request, folder)) { Timeout = TimeSpan.FromSeconds(30) };
        if (await ProcessRunner.RunAsync(call, diagnostics, cancellation).ConfigureAwait(false) is not { } result)
        {
            return false;
        }

        if (result.ExitCode != 0)
        {
            diagnostics.Error(
                "KLP0104",
                Path,
                $"This compiler does not run: it cannot compile an empty source (exit code {result.ExitCode}).",
                "Install what its own words below miss, mostly the assembler (sudo apt install binutils), or name another compiler with KlpCompilerPath.",
                result.StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries).Take(5).ToArray());
        }

        return result.ExitCode == 0;
    }

    /// <summary><c>gcc (crosstool-NG 1.25.0) 11.3.0</c> is 11.3.0: the number behind the vendor's parenthesis counts.</summary>
    internal static Version VersionIn(string line)
    {
        var match = BehindVendor().Match(line);
        match = match.Success ? match : AnyVersion().Match(line);
        return match.Success && Version.TryParse(match.Groups[1].Value, out var version) ? version : new Version(0, 0);
    }

    /// <summary>The part of a version line that names the build, not the program: <c>gcc-12</c> and <c>x86_64-linux-gnu-gcc-12</c> are one compiler.</summary>
    internal static string Build(string line) => line.Contains(" (", StringComparison.Ordinal) ? line[line.IndexOf(" (", StringComparison.Ordinal)..].Trim() : line;

    [GeneratedRegex(@"(?:\)|version)\s+(\d+\.\d+(?:\.\d+)?)")]
    private static partial Regex BehindVendor();

    [GeneratedRegex(@"(\d+\.\d+(?:\.\d+)?)")]
    private static partial Regex AnyVersion();
}
