using System.Diagnostics;
using Klp.Base;

namespace Klp.Bench;

/// <summary>Runs a command and tells how long it took; a command that fails ends the measurement with its output.</summary>
internal sealed class Stopwatches(IReadOnlyDictionary<string, string> environment, string searchPath)
{
    public async Task<double> SecondsAsync(string directory, string program, string[] arguments, IReadOnlyDictionary<string, string>? extra = null)
    {
        var variables = new Dictionary<string, string>(environment);
        foreach (var (name, value) in extra ?? new Dictionary<string, string>())
        {
            variables[name] = value;
        }

        var path = ProcessRunner.FindOnPath(program, searchPath, directory) ?? throw new InvalidOperationException($"{program} is not installed; eng/test.sh installs what the measurements need.");
        var diagnostics = new DiagnosticBag();
        var clock = Stopwatch.StartNew();
        var result = await ProcessRunner.RunAsync(new ProcessRequest(path, arguments, directory, variables), diagnostics, CancellationToken.None);
        var seconds = clock.Elapsed.TotalSeconds;
        if (extra is not null && extra.ContainsKey(MsbuildServer.Switch) && result is not null && LostResultException.Fits(result.ExitCode, result.StandardOutput, result.StandardError))
        {
            throw new LostResultException($"{program} {string.Join(' ', arguments)} in {directory}");
        }

        return result is { ExitCode: 0 } ? seconds
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed in {directory}:\n{diagnostics}{result?.StandardOutput}{result?.StandardError}");
    }

    /// <summary>Largest resident set, in MiB, of the program's own process (children not counted), read while it runs.</summary>
    public async Task<double> PeakMebibytesAsync(string directory, string program, string[] arguments)
    {
        var info = new ProcessStartInfo(program, arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true };
        info.Environment.Clear();
        foreach (var (name, value) in environment)
        {
            info.Environment[name] = value;
        }

        using var process = Process.Start(info)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        var peak = 0.0;
        while (!process.HasExited)
        {
            peak = Math.Max(peak, HighWaterMark(process.Id));
            await Task.Delay(2);
        }

        await Task.WhenAll(output, error);
        return peak;
    }

    private static double HighWaterMark(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : double.Parse(line["VmHWM:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), System.Globalization.CultureInfo.InvariantCulture) / 1024;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
