using System.Collections.Concurrent;
using Klp.Base;
using Klp.TestKit;

namespace Klp.Guest.Tests;

/// <summary>Builds all samples with the real <c>dotnet build</c>, in a copy of their folder: once per kernel.</summary>
public sealed class SampleBuilds : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentDictionary<string, Lazy<Task>> _builds = new();

    public SampleBuilds()
    {
        _folder.Write("nuget.config",
            $"""<configuration><fallbackPackageFolders><add key="dev" value="{Repository.Combine("sdk", "local")}" /></fallbackPackageFolders></configuration>""");
        var samples = Repository.Combine("samples");
        foreach (var file in Directory.GetFiles(samples, "*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(samples, file);
            if (!relative.Split('/').Any(part => part is "bin" or "obj"))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(_folder.Combine(relative))!);
                File.Copy(file, _folder.Combine(relative));
            }
        }
    }

    /// <summary>The folder that holds one folder per sample.</summary>
    public string Folder => _folder.Path;

    /// <summary>Absolute path of a sample's finished module.</summary>
    public async Task<string> ModuleAsync(Sample sample, TestKernel kernel)
    {
        await _builds.GetOrAdd(kernel.Release, release => new Lazy<Task>(() => BuildAsync(release))).Value.ConfigureAwait(false);
        return _folder.Combine(sample.Name, "bin", kernel.Release, sample.Name + ".ko");
    }

    /// <summary>Runs <c>dotnet</c> in a sample's folder.</summary>
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

    private async Task BuildAsync(string release)
    {
        var result = await DotnetAsync(".", "build", "Samples.slnx", "-nologo", "-p:TargetKernel=" + release).ConfigureAwait(false);
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"The samples do not build for {release}:\n{result.StandardOutput}{result.StandardError}");
        }
    }
}
