using System.Globalization;
using Klp.Base;

namespace Klp.Store;

/// <summary>Runs apt's programs with a configuration of our own.</summary>
/// <param name="configuration">File that apt reads after the machine's own configuration; null for that alone.</param>
internal sealed class AptCommand(StoreContext context, string? configuration)
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromMinutes(2);

    /// <summary>Runs one to its end, waiting while another apt holds our folder.</summary>
    /// <returns>Null with KLP0264 where the program is not there; what it said is the caller's to judge.</returns>
    public async Task<ProcessResult?> RunAsync(
        string program, IReadOnlyList<string> arguments, DiagnosticBag diagnostics, CancellationToken cancellation, string? folder = null, Action<double>? onPercent = null)
    {
        if (ProcessRunner.FindOnPath(program, context.SearchPath, "/") is not { } path)
        {
            diagnostics.Error(
                "KLP0264", SourcePlace.None, $"{program} is not on the search path; Debian's kernels are looked up and fetched with it.",
                "On another distribution give package files or a tree: klp kernel add kernel….rpm, klp kernel add running.");
            return null;
        }

        string[] words = configuration is null ? [.. arguments] : ["-c", configuration, .. arguments];
        var environment = new Dictionary<string, string>(context.Environment, StringComparer.Ordinal) { ["LC_ALL"] = "C", ["DEBIAN_FRONTEND"] = "noninteractive" };
        if (configuration is not null && ProcessRunner.FindOnPath("flock", context.SearchPath, "/") is { } flock)
        {
            // An apt whose klp was killed works on for a while; it must not write the same files as the next one.
            words = [Path.Combine(Path.GetDirectoryName(configuration)!, "lock"), path, .. words];
            path = flock;
        }

        var request = new ProcessRequest(path, words, folder ?? "/", environment) { OnOutputLine = onPercent is null ? null : line => Watch(line, onPercent) };
        var until = DateTime.UtcNow + LockPatience;
        while (true)
        {
            var result = await ProcessRunner.RunAsync(request, diagnostics, cancellation).ConfigureAwait(false);
            if (result is null || !result.StandardError.Contains("Could not get lock", StringComparison.Ordinal) || DateTime.UtcNow > until)
            {
                return result;
            }

            await Task.Delay(500, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>What apt said went wrong, each once: its <c>E:</c> and <c>W:</c> lines and the <c>Err:</c> lines with the reason below.</summary>
    public static string[] Complaints(ProcessResult result) =>
        [.. (result.StandardOutput + "\n" + result.StandardError).Split('\n').Select(l => l.Trim())
            .Where(l => l.StartsWith("E: ", StringComparison.Ordinal) || l.StartsWith("W: ", StringComparison.Ordinal) || l.StartsWith("Err:", StringComparison.Ordinal)).Distinct().Take(12)];

    // dlstatus:number:percent:text, with APT::Status-Fd.
    private static void Watch(string line, Action<double> onPercent)
    {
        var parts = line.Split(':', 4);
        if (parts is ["dlstatus", _, var percent, _] && double.TryParse(percent, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            onPercent(number);
        }
    }
}
