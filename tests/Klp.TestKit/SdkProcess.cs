using System.Diagnostics;
using Klp.Base;

namespace Klp.TestKit;

/// <summary>A <c>dotnet</c> command that is still running, for tests that interrupt it. Its output is not looked at.</summary>
public sealed class SdkProcess : IDisposable
{
    private readonly Process _process;

    public SdkProcess(SdkProject project, params string[] arguments)
    {
        var dotnet = ProcessRunner.FindOnPath("dotnet", Environment.GetEnvironmentVariable("PATH")!, project.Folder)!;
        var start = new ProcessStartInfo(dotnet, arguments) { WorkingDirectory = project.Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        foreach (var (name, value) in CleanEnvironment.Create(project.Environment.Select(p => (p.Key, p.Value))))
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>SIGKILL to this process alone: what it started lives on.</summary>
    public void Kill()
    {
        _process.Kill(entireProcessTree: false);
        _process.WaitForExit();
    }

    /// <summary>What Ctrl-C does.</summary>
    public void Interrupt() => CCompiler.Run("kill", "/", "-INT", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>The exit code; null where it has not ended by then.</summary>
    public int? Wait(TimeSpan limit) => _process.WaitForExit(limit) ? _process.ExitCode : null;

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }
}
