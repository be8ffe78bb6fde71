using System.Collections.Concurrent;
using Klp.Base;
using Klp.TestKit;

namespace Klp.Guest.Tests;

/// <summary>A copy of a folder of livepatch projects with a solution, built with the real <c>dotnet build</c>: once per kernel.</summary>
public sealed class ProjectCopies : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentDictionary<string, Lazy<Task>> _builds = new();
    private readonly string _solution;

    public ProjectCopies(string source, string solution)
    {
        _solution = solution;
        _folder.Write("nuget.config",
            $"""<configuration><fallbackPackageFolders><add key="dev" value="{Repository.Combine("sdk", "local")}" /></fallbackPackageFolders></configuration>""");
        foreach (var file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(source, file);
            if (!relative.Split('/').Any(part => part is "bin" or "obj"))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(_folder.Combine(relative))!);
                File.Copy(file, _folder.Combine(relative));
            }
        }
    }

    /// <summary>The folder that holds one folder per project.</summary>
    public string Folder => _folder.Path;

    /// <summary>Absolute path of a project's finished module.</summary>
    /// <param name="options">Further words for the build.</param>
    public async Task<string> ModuleAsync(Sample sample, TestKernel kernel, params IReadOnlyList<string> options)
    {
        // The whole solution at once, unless one of its projects is not for this kernel.
        var what = kernel.IsForeign ? sample.Name : _solution;
        await _builds.GetOrAdd($"{kernel.Release} {what}", _ => new Lazy<Task>(() => BuildAsync(what, kernel, options))).Value.ConfigureAwait(false);
        return _folder.Combine(sample.Name, "bin", kernel.Release, sample.Name + ".ko");
    }

    /// <summary>Runs <c>dotnet</c> in a project's folder.</summary>
    public async Task<ProcessResult> DotnetAsync(string folder, params IReadOnlyList<string> arguments)
    {
        var environment = CleanEnvironment.Create(("KLP_KERNEL_STORE", Kernels.Store), ("XDG_CACHE_HOME", SdkProject.Cache));
        var dotnet = ProcessRunner.FindOnPath("dotnet", environment["PATH"], "/") ?? throw new InvalidOperationException("dotnet is not on the path.");
        var diagnostics = new DiagnosticBag();
        return await ProcessRunner.RunAsync(
                new ProcessRequest(dotnet, arguments, _folder.Combine(folder), environment) { Timeout = TimeSpan.FromMinutes(5) }, diagnostics, CancellationToken.None)
            .ConfigureAwait(false) ?? throw new InvalidOperationException(diagnostics.ToString());
    }

    public void Dispose() => _folder.Dispose();

    private async Task BuildAsync(string what, TestKernel kernel, IReadOnlyList<string> options)
    {
        var result = await DotnetAsync(".", ["build", what, "-nologo", "-p:TargetKernel=" + kernel.Release, "-p:KlpKernelStore=" + kernel.Store, .. options]).ConfigureAwait(false);
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"{what} does not build for {kernel}:\n{result.StandardOutput}{result.StandardError}");
        }
    }
}
