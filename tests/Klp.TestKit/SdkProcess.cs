using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Klp.Base;

namespace Klp.TestKit;

/// <summary>
/// A <c>dotnet</c> command that is still running, for tests that interrupt it. It leads a process group of its own, so that it and all it started
/// can be killed in one instant.
/// </summary>
public sealed partial class SdkProcess : IDisposable
{
    private const int SigInt = 2;
    private const int SigKill = 9;
    private readonly Process _process;
    private readonly StringBuilder _text = new();

    public SdkProcess(SdkProject project, params string[] arguments)
    {
        var path = Environment.GetEnvironmentVariable("PATH")!;
        string Program(string name) => ProcessRunner.FindOnPath(name, path, project.Folder) ?? throw new InvalidOperationException($"{name} is not on the path.");

        // setsid and env replace themselves by the program, so the child's id is the group's. Tests that a script runs in the background are born deaf to Ctrl-C, and so would be their children.
        var start = new ProcessStartInfo(Program("setsid"), [Program("env"), "--default-signal=INT", Program("dotnet"), .. arguments]) { WorkingDirectory = project.Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        foreach (var (name, value) in CleanEnvironment.Create(project.Environment.Select(p => (p.Key, p.Value))))
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += Take;
        _process.ErrorDataReceived += Take;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What it printed so far.</summary>
    public string Text
    {
        get
        {
            lock (_text)
            {
                return _text.ToString();
            }
        }
    }

    /// <summary>SIGKILL to this process alone: what it started lives on. False where it had ended before.</summary>
    public bool Kill()
    {
        var killed = !_process.HasExited && Signal(_process.Id, SigKill) == 0;
        _process.WaitForExit();
        return killed;
    }

    /// <summary>SIGKILL to it and all it started, at once, as when the machine goes down; returns when none of them runs. False where it had ended before.</summary>
    public bool KillAll()
    {
        var killed = !_process.HasExited && Signal(-_process.Id, SigKill) == 0;
        EndGroup();
        _process.WaitForExit();
        return killed;
    }

    /// <summary>What Ctrl-C does: the terminal tells every program of the group.</summary>
    public void Interrupt() => _ = Signal(-_process.Id, SigInt);

    /// <summary>What an agent or an editor does: <c>dotnet</c> alone is told, and has to end what it started.</summary>
    public void Cancel() => _ = Signal(_process.Id, SigInt);

    /// <summary>The exit code; null where it has not ended by then.</summary>
    public int? Wait(TimeSpan limit)
    {
        if (!_process.WaitForExit(limit))
        {
            return null;
        }

        // Its last words may still be on their way; for ever, where a child of its own holds the pipe.
        _ = Task.Run(_process.WaitForExit).Wait(TimeSpan.FromSeconds(2));
        return _process.ExitCode;
    }

    public void Dispose()
    {
        EndGroup();
        _process.Dispose();
    }

    private void EndGroup()
    {
        var clock = Stopwatch.StartNew();
        for (var member = AnyMember(_process.Id); member; member = AnyMember(_process.Id))
        {
            _ = Signal(-_process.Id, SigKill);
            if (clock.Elapsed > TimeSpan.FromSeconds(60))
            {
                throw new InvalidOperationException("A killed build still runs.");
            }

            Thread.Sleep(5);
        }
    }

    private void Take(object sender, DataReceivedEventArgs line)
    {
        lock (_text)
        {
            _text.AppendLine(line.Data);
        }
    }

    // State and group are the first and third word behind the name. What has ended, but was not waited for by its new parent, is no member any more.
    private static bool AnyMember(int group) =>
        Directory.EnumerateDirectories("/proc").Select(folder => Path.GetFileName(folder)).Where(name => char.IsAsciiDigit(name[0])).Select(Stat)
            .Any(stat => stat.Length > 0 && stat[(stat.LastIndexOf(')') + 2)..].Split(' ') is var words && words[0] is not ("Z" or "X") && words[2] == group.ToString(CultureInfo.InvariantCulture));

    private static string Stat(string process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/stat");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
