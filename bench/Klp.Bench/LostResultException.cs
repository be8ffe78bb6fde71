namespace Klp.Bench;

/// <summary>
/// The client of MSBuild's server ended with status 1 although nothing failed: it can lose the result that the server sent last, on a busy machine in some
/// builds of a hundred, with the last lines of its output or without (dotnet/msbuild#14172, mended after 10.0.401).
/// </summary>
internal sealed class LostResultException(string command) : Exception($"{command}: the client of MSBuild's server lost the build's result (dotnet/msbuild#14172).")
{
    /// <summary>A build that failed has printed its error as it came, and "Build FAILED." at the end.</summary>
    public static bool Fits(int exitCode, string output, string errors) =>
        exitCode == 1 && errors.Length == 0 && (output.Trim().Length == 0 || (output.Contains("Build succeeded.", StringComparison.Ordinal) && !output.Contains("error", StringComparison.Ordinal)));
}
