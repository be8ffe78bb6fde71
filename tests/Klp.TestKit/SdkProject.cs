using System.Text.Json;
using Klp.Base;

namespace Klp.TestKit;

/// <summary>
/// A livepatch project in a folder of its own, built with the real <c>dotnet</c> and the SDK of the dev lane (the layout under <c>artifacts/sdks</c>).
/// </summary>
/// <remarks>The environment is a whitelist; the kernels are the test kernels; the cache is one for all tests, so that a kernel is probed once.</remarks>
public sealed class SdkProject : IDisposable
{
    /// <summary>How a project file names the SDK of the dev lane.</summary>
    public const string Sdk = "Klp.Build.Sdk/0.1.0-dev";

    /// <summary>A patch of one function of vmlinux, by the author's header.</summary>
    public const string PatchSource = """
        #include <linux/seq_file.h>
        #include <klp/patch.h>

        KLP_FUNC(vmlinux, cmdline_proc_show, int, struct seq_file *m, void *v)
        {
        	seq_puts(m, "patched by a test\n");
        	return 0;
        }

        KLP_MODULE("GPL");

        """;

    private readonly TemporaryFolder _temporary;

    private SdkProject(string folder, string name, TemporaryFolder? temporary = null)
    {
        _temporary = temporary ?? new TemporaryFolder();
        Folder = Path.Combine(_temporary.Path, folder);
        Name = name;
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(_temporary.Path, "nuget.config"),
            $"""<configuration><fallbackPackageFolders><add key="dev" value="{Repository.Combine("sdk", "local")}" /></fallbackPackageFolders></configuration>""");
    }

    /// <summary>The folder above the project's, where several projects can lie side by side.</summary>
    public string Root => _temporary.Path;

    public string Folder { get; }

    public string Name { get; }

    public string ProjectFile => Path.Combine(Folder, Name + ".klpproj");

    /// <summary>Set for every command of this project.</summary>
    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal) { ["XDG_CACHE_HOME"] = Cache, ["KLP_KERNEL_STORE"] = Kernels.Store };

    /// <summary>Words before <c>dotnet</c>: another program that starts it, in a smaller world.</summary>
    public IReadOnlyList<string> Wrapper { get; set; } = [];

    /// <summary>One cache for all tests of this checkout.</summary>
    public static string Cache => Repository.Combine("artifacts", "test-cache");

    /// <summary>An empty folder with a project file and nothing else.</summary>
    /// <param name="content">Lines inside <c>&lt;Project&gt;</c>.</param>
    public static SdkProject Empty(string content = "", string name = "fix", string folder = "fix")
    {
        var project = new SdkProject(folder, name);
        File.WriteAllText(project.ProjectFile, $"<Project Sdk=\"{Sdk}\">\n{content}\n</Project>\n");
        return project;
    }

    /// <summary>A project for one test kernel with the one-function patch.</summary>
    public static SdkProject Patch(TestKernel? kernel = null, string content = "", string name = "fix", string folder = "fix")
    {
        var project = Empty($"<PropertyGroup><TargetKernel>{(kernel ?? Kernels.BySeries("6.1")).Release}</TargetKernel></PropertyGroup>\n{content}", name, folder);
        project.Write("fix.c", PatchSource);
        return project;
    }

    /// <summary>Gives the project's folder another name below the same root, with all that was built in it.</summary>
    public SdkProject MovedTo(string folder)
    {
        var moved = new SdkProject(folder, Name, _temporary);
        Directory.Delete(moved.Folder);
        Directory.Move(Folder, moved.Folder);
        foreach (var (name, value) in Environment)
        {
            moved.Environment[name] = value;
        }

        return moved;
    }

    public string Write(string name, string content)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>Absolute path of the module that the project makes for a kernel.</summary>
    public string Module(TestKernel? kernel = null) => Path.Combine(Folder, "bin", (kernel ?? Kernels.BySeries("6.1")).Release, Name + ".ko");

    /// <summary>Every file below the folder, relative, sorted.</summary>
    public string[] Files() =>
        [.. Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Folder, f)).Order(StringComparer.Ordinal)];

    /// <summary>Runs <c>dotnet VERB …</c> in the project's folder, with a binary log.</summary>
    public SdkBuild Run(string verb, params string[] arguments)
    {
        var log = Path.Combine(_temporary.Path, "log.binlog");
        SafeFile.Discard(log);
        var result = Dotnet([verb, .. arguments, "-bl:" + log]);
        return new SdkBuild(result, File.Exists(log) ? log : null);
    }

    public SdkBuild Build(params string[] arguments) => Run("build", arguments);

    /// <summary>Runs <c>dotnet</c> with these words, without a log.</summary>
    public ProcessResult Dotnet(params string[] arguments) => Dotnet(Folder, arguments);

    public ProcessResult Dotnet(string folder, string[] arguments, CancellationToken cancellation = default)
    {
        var path = System.Environment.GetEnvironmentVariable("PATH")!;
        var dotnet = ProcessRunner.FindOnPath("dotnet", path, folder) ?? throw new InvalidOperationException("dotnet is not on the path.");
        var diagnostics = new DiagnosticBag();
        string[] words = [.. Wrapper.Select((w, i) => i == 0 ? ProcessRunner.FindOnPath(w, path, folder) ?? throw new InvalidOperationException(w + " is not on the path.") : w), dotnet, .. arguments];
        var request = new ProcessRequest(words[0], words[1..], folder, CleanEnvironment.Create(Environment.Select(p => (p.Key, p.Value)))) { Timeout = TimeSpan.FromMinutes(5) };
        return ProcessRunner.RunAsync(request, diagnostics, cancellation).GetAwaiter().GetResult() ?? throw new InvalidOperationException(diagnostics.ToString());
    }

    /// <summary>Evaluates the project and returns these properties; nothing is built.</summary>
    public IReadOnlyDictionary<string, string> Evaluate(string[] properties, params string[] arguments)
    {
        // With one property the answer is no JSON, so ask for another one besides.
        var result = Dotnet(["msbuild", .. properties.Append("MSBuildProjectName").Select(p => "-getProperty:" + p), .. arguments]);
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException(result.StandardOutput + result.StandardError);
        }

        using var json = JsonDocument.Parse(result.StandardOutput);
        return json.RootElement.GetProperty("Properties").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!);
    }

    public void Dispose() => _temporary.Dispose();
}
