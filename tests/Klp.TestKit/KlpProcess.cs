using System.Diagnostics;

namespace Klp.TestKit;

/// <summary>The <c>klp</c> tool as a process of its own, for tests that run two of it, take its space away or kill it.</summary>
public sealed class KlpProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output, _error;

    /// <param name="shell">Words of a shell before the tool, such as <c>ulimit -f 64</c>; empty for none.</param>
    public KlpProcess(string shell, params string[] arguments)
    {
        var tool = Path.Combine(AppContext.BaseDirectory, "klp.dll");
        var start = new ProcessStartInfo("sh", ["-c", $"{shell}\nexec dotnet \"$@\"", "sh", tool, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        // Without its double mapping the runtime itself needs no large file.
        foreach (var (name, value) in CleanEnvironment.Create(("DOTNET_EnableWriteXorExecute", "0"), ("DOTNET_TieredCompilation", "1")))
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _output = _process.StandardOutput.ReadToEndAsync();
        _error = _process.StandardError.ReadToEndAsync();
    }

    public bool HasExited => _process.HasExited;

    /// <summary>SIGKILL.</summary>
    public void Kill() => _process.Kill();

    public async Task<(int Status, string Output, string Error)> EndAsync()
    {
        await _process.WaitForExitAsync();
        return (_process.ExitCode, await _output, await _error);
    }

    public void Dispose() => _process.Dispose();
}
