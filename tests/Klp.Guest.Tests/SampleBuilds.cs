using Klp.Base;
using Klp.TestKit;

namespace Klp.Guest.Tests;

/// <summary>The samples, built in a copy of their folder; one for a test class.</summary>
public sealed class SampleBuilds : IDisposable
{
    private readonly ProjectCopies _projects = new(Repository.Combine("samples"), "Samples.slnx");

    /// <summary>Absolute path of a sample's finished module.</summary>
    public Task<string> ModuleAsync(Sample sample, TestKernel kernel) => _projects.ModuleAsync(sample, kernel);

    /// <summary>Runs <c>dotnet</c> in a sample's folder.</summary>
    public Task<ProcessResult> DotnetAsync(string folder, params IReadOnlyList<string> arguments) => _projects.DotnetAsync(folder, arguments);

    /// <summary>The folder that holds one folder per sample.</summary>
    public string Folder => _projects.Folder;

    public void Dispose() => _projects.Dispose();
}
