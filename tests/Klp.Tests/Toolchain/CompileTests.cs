using Klp.Base;
using Klp.Elf;
using Klp.TestKit;
using Klp.Toolchain;
using Xunit;

namespace Klp.Tests.Toolchain;

/// <summary>Objects are kbuild's, byte for byte where it counts.</summary>
public sealed class CompileTests
{
    [Theory]
    [MemberData(nameof(Kernels.NewestOfEachSeries), MemberType = typeof(Kernels))]
    public async Task A_module_of_one_source_is_the_object_kbuild_makes(string release)
    {
        var kernel = Kernels.ByRelease(release);
        using var reference = Kbuild.Build(kernel, "sample", new Dictionary<string, string> { ["sample.c"] = SampleProject.Livepatch });
        using var project = new SampleProject(kernel);
        project.Write("sample.c", SampleProject.Livepatch);
        Assert.Equal(["sample.c"], await project.CompileAsync("sample.c"));
        Assert.Empty(project.Diagnostics);
        var merged = Path.Combine(project.Directory, "obj", "sample.o");
        var diagnostics = new DiagnosticBag();
        Assert.True(await ObjectMerger.MergeAsync(new MergeRequest { Profile = project.Profile, Objects = [Path.Combine(project.ObjectDirectory, "sample.o")], OutputFile = merged, SearchPath = KernelProfiles.SearchPath }, diagnostics, CancellationToken.None), diagnostics.ToString());
        Assert.Empty(diagnostics);
        Assert.Empty(ModuleComparer.Compare(Read(merged), Read(reference.ObjectFile)));
        Assert.Equal([], await project.CompileAsync("sample.c"));
    }

    internal static ElfFile Read(string path)
    {
        var diagnostics = new DiagnosticBag();
        return ElfFile.Read(File.ReadAllBytes(path), path, diagnostics) ?? throw new InvalidOperationException(diagnostics.ToString());
    }
}
