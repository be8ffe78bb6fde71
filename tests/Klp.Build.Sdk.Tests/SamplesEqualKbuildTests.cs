using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests;

/// <summary>Every sample, built by <c>dotnet build</c>, is the module that the kernel's own make builds of the same sources, for every kernel there is.</summary>
public class SamplesEqualKbuildTests
{
    // It is there to fail: two functions of one name and no position.
    private const string MeantToFail = "ambiguous";

    public static TheoryData<string> Samples() =>
        [.. Directory.EnumerateDirectories(Repository.Combine("samples")).Select(d => Path.GetFileName(d)).Where(n => n != MeantToFail && File.Exists(Repository.Combine("samples", n, n + ".klpproj"))).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Samples))]
    public void The_sample_is_the_module_kbuild_makes(string sample)
    {
        var folder = Repository.Combine("samples", sample);
        using var project = SdkProject.Empty(name: sample, folder: sample);
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            File.Copy(file, Path.Combine(project.Folder, Path.GetFileName(file)), overwrite: true);
        }

        foreach (var kernel in Kernels.NewestOfEachSeries.Select(k => Kernels.ByRelease((string)k[0])))
        {
            project.Build("-p:TargetKernel=" + kernel.Release).Succeeded();
            using var reference = Kbuild.BuildFolder(kernel, sample, folder, ["-I" + Repository.Combine("sdk", "Klp.Build.Sdk", "include")]);
            var differences = ModuleComparer.Compare(CCompiler.Read(File.ReadAllBytes(project.Module(kernel))), CCompiler.Read(File.ReadAllBytes(reference.File)));
            Assert.True(differences.Count == 0, $"{kernel}:\n{string.Join('\n', differences)}");
        }
    }
}
