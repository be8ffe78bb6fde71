using Klp.TestKit;

namespace Klp.Tests.Toolchain;

/// <summary>A search path of its own: links to the machine's tools, some of them left out, replaced or watched.</summary>
internal sealed class ToolFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>In front of the machine's search path; where programs are to be hidden, links to all others instead of it.</summary>
    public ToolFolder(params string[] without)
    {
        SearchPath = _folder.Path + ":" + KernelProfiles.SearchPath;
        if (without.Length == 0)
        {
            return;
        }

        SearchPath = _folder.Path;
        foreach (var folder in new[] { "/usr/bin", "/bin", "/usr/local/bin" }.Where(Directory.Exists))
        {
            foreach (var program in Directory.GetFiles(folder).Where(p => !without.Contains(Path.GetFileName(p))))
            {
                var link = Path.Combine(_folder.Path, Path.GetFileName(program));
                if (!File.Exists(link) && new FileInfo(link).LinkTarget is null)
                {
                    File.CreateSymbolicLink(link, program);
                }
            }
        }
    }

    /// <summary>The form of $PATH.</summary>
    public string SearchPath { get; }

    public string Folder => _folder.Path;

    /// <summary>How often watched programs were called.</summary>
    public int Calls(string program) => File.Exists(LogFile) ? File.ReadAllLines(LogFile).Count(l => l == program) : 0;

    private string LogFile => Path.Combine(_folder.Path, "calls.log");

    /// <summary>Replaces a program by a script.</summary>
    public string Replace(string program, string script)
    {
        var path = Path.Combine(_folder.Path, program);
        File.Delete(path);
        File.WriteAllText(path, "#!/bin/sh\n" + script + "\n");
        MakeExecutable(path);
        return path;
    }

    /// <summary>Counts the calls of a program that goes on to work.</summary>
    public void Watch(string program)
    {
        var real = Klp.Base.ProcessRunner.FindOnPath(program, KernelProfiles.SearchPath, "/") ?? throw new InvalidOperationException(program + " is not installed; eng/test.sh installs it.");
        Replace(program, $"echo {program} >> '{LogFile}'\nexec '{real}' \"$@\"");
    }

    public static void MakeExecutable(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    public void Dispose() => _folder.Dispose();
}
