using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Klp.TestKit;

namespace Klp.Build.Sdk.Tests.Incremental;

/// <summary>A <c>dotnet build</c> that leads a process group of its own, so that it and all it started can be killed in one instant, as a machine's power cut would.</summary>
internal sealed partial class ProcessGroup : IDisposable
{
    private const int SigKill = 9;
    private readonly Process _leader;
    private readonly StringBuilder _text = new();

    private ProcessGroup(Process leader)
    {
        _leader = leader;
        leader.OutputDataReceived += Take;
        leader.ErrorDataReceived += Take;
        leader.BeginOutputReadLine();
        leader.BeginErrorReadLine();
    }

    public int ExitCode => _leader.ExitCode;

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

    public static ProcessGroup Start(SdkProject project, params string[] words)
    {
        // setsid replaces itself by the program, so the child's id is the group's.
        var info = new ProcessStartInfo("/usr/bin/setsid", words) { WorkingDirectory = project.Folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        info.Environment.Clear();
        foreach (var (name, value) in CleanEnvironment.Create(project.Environment.Select(p => (p.Key, p.Value))))
        {
            info.Environment[name] = value;
        }

        return new ProcessGroup(Process.Start(info)!);
    }

    /// <summary>Waits; false where it still runs.</summary>
    public bool Ended(TimeSpan patience) => _leader.WaitForExit(patience);

    /// <summary>Kills the whole group and waits until none of it runs; false where it had ended before.</summary>
    public bool Kill()
    {
        var killed = kill(-_leader.Id, SigKill) == 0;
        var clock = Stopwatch.StartNew();
        while (Members(_leader.Id).Any())
        {
            if (clock.Elapsed > TimeSpan.FromSeconds(30))
            {
                throw new InvalidOperationException("A killed build still runs.");
            }

            Thread.Sleep(5);
        }

        _leader.WaitForExit();
        return killed;
    }

    /// <summary>Kills one process.</summary>
    public static void Kill(int process) => _ = kill(process, SigKill);

    /// <summary>A file of <c>/proc</c>; empty where the process is gone or not ours.</summary>
    public static string Fact(int process, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/{file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    public void Dispose()
    {
        if (!_leader.HasExited)
        {
            Kill();
        }

        _leader.Dispose();
    }

    private void Take(object sender, DataReceivedEventArgs line)
    {
        lock (_text)
        {
            _text.AppendLine(line.Data);
        }
    }

    // A process that ended but was not waited for by its new parent is no member any more.
    private static IEnumerable<int> Members(int group) =>
        Directory.EnumerateDirectories("/proc").Select(d => Path.GetFileName(d)!).Where(d => int.TryParse(d, out _)).Select(d => int.Parse(d, CultureInfo.InvariantCulture))
            .Where(p => Fact(p, "stat") is { Length: > 0 } stat && stat[(stat.LastIndexOf(')') + 2)..].Split(' ') is var words && words[0] is not ("Z" or "X") && words[2] == group.ToString(CultureInfo.InvariantCulture));

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int kill(int process, int signal);
}
