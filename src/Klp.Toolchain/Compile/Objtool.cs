using Klp.Base;
using Klp.Kernel;

namespace Klp.Toolchain;

/// <summary>Runs the kernel's objtool (and recordmcount) over an object, in place: validates it, writes ORC data, rewrites returns and static calls.</summary>
/// <remarks>objtool is not idempotent (a second run skips .orc_unwind and reports false IBT warnings), so it only ever gets a fresh copy.</remarks>
internal static class Objtool
{
    /// <summary>False with KLP0112 (objtool) or KLP0116 (recordmcount). objtool's warnings are KLP0113, in the kernel's words.</summary>
    /// <param name="file">The object, changed in place.</param>
    /// <param name="profile">The kernel.</param>
    /// <param name="searchPath">The form of <c>$PATH</c>.</param>
    /// <param name="source">The source it was made of, for messages; null for a merged module.</param>
    /// <param name="projectDirectory">Names in debug data are relative to this folder.</param>
    /// <param name="diagnostics">Gets what the tool said.</param>
    /// <param name="cancellation">Kills the tool.</param>
    public static bool Run(KernelProfile profile, string searchPath, string file, string? source, string? projectDirectory, DiagnosticBag diagnostics, CancellationToken cancellation) =>
        profile.ObjtoolPath is null || RunTool("KLP0112", "objtool", profile.ObjtoolPath, profile.ObjtoolArguments, profile, searchPath, file, source, projectDirectory, diagnostics, cancellation);

    public static bool RecordMcount(KernelProfile profile, string searchPath, string file, string source, string projectDirectory, DiagnosticBag diagnostics, CancellationToken cancellation) =>
        profile.RecordMcountPath is null || RunTool("KLP0116", "recordmcount", profile.RecordMcountPath, [], profile, searchPath, file, source, projectDirectory, diagnostics, cancellation);

    private static bool RunTool(
        string code, string name, string path, IReadOnlyList<string> arguments, KernelProfile profile, string searchPath, string file, string? source, string? projectDirectory, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var environment = new Dictionary<string, string>(profile.ToolEnvironment, StringComparer.Ordinal) { ["PATH"] = searchPath, ["LC_ALL"] = "C" };
        var call = new ProcessRequest(path, [.. arguments, file], profile.WorkingDirectory, environment) { Timeout = TimeSpan.FromMinutes(5) };
        if (ProcessRunner.Run(call, diagnostics, cancellation) is not { } result)
        {
            return false;
        }

        var lines = (result.StandardError + result.StandardOutput).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Replace(file, source is null ? "module" : Path.GetFileName(source), StringComparison.Ordinal)).ToArray();
        if (result.ExitCode == 0 && !result.TimedOut)
        {
            ObjtoolOutput.Report(lines, file, source, projectDirectory, diagnostics);
            return true;
        }

        diagnostics.Error(
            code,
            source,
            result.TimedOut ? $"The kernel's {name} did not end within five minutes on this object." : $"The kernel's {name} refused this object (exit code {result.ExitCode}).",
            code == "KLP0116" ? "Its own words are below. Compile with the kernel's own compiler and flags; if the tool does not run here, install the kernel's build tools for this machine."
                : "Its own words are below; they name the function. Often the code was compiled with flags the kernel does not use.",
            lines.Take(20).ToArray());
        return false;
    }
}
