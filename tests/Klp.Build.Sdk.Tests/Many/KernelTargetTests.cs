using System.Text.Json;
using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests;

/// <summary><c>KernelTarget</c>: a project's own names for build trees.</summary>
public sealed class KernelTargetTests
{
    [Theory]
    [InlineData("-p:TargetKernel=mine")]
    [InlineData("-p:TargetKernels=mine")]
    public void A_name_of_the_projects_own_builds_its_tree(string option)
    {
        using var project = Create("BuildDirectory=\"../store/tree\" Architecture=\"x86_64\"");

        project.Build(option).Succeeded();

        Assert.True(File.Exists(project.Module(ManyProject.Young)));
        Assert.Contains(project.Module(ManyProject.Young), project.Dotnet("msbuild", option, "-t:ComputeRunArguments", "-getProperty:RunArguments").StandardOutput, StringComparison.Ordinal);
        using var paths = JsonDocument.Parse(project.Dotnet("msbuild", option, "-t:GetTargetPath", "-getTargetResult:GetTargetPath").StandardOutput);
        Assert.Equal(project.Module(ManyProject.Young), paths.RootElement.GetProperty("TargetResults").GetProperty("GetTargetPath").GetProperty("Items")[0].GetProperty("Identity").GetString());
    }

    [Fact]
    public void Beside_other_kernels_it_is_one_more_and_the_same_kernel_by_its_release_is_not_built_again()
    {
        using var project = Create("BuildDirectory=\"../store/tree\"");

        var build = project.Build($"-p:TargetKernels={ManyProject.Old.Release}%3bmine%3b{ManyProject.Young.Release}").Succeeded();

        Assert.True(project.HasBoth());
        Assert.Equal(2, build.InnerBuilds());
    }

    [Theory]
    [InlineData("KLP0035", "mine", "")]
    [InlineData("KLP0036", "mine", "BuildDirectory=\"../store/tree\" Architecture=\"arm64\"")]
    [InlineData("KLP0036", "mine", "BuildDirectory=\"../store/tree\" Architecture=\"pdp11\"")]
    [InlineData("KLP0022", "mine", "BuildDirectory=\"../nowhere\"")]
    public void What_is_wrong_with_it_is_said(string code, string name, string metadata)
    {
        using var project = Create(metadata);

        project.Build("-p:TargetKernel=" + name).FailedWith(code);
    }

    [Fact]
    public void A_name_that_means_a_kernel_already_is_refused_and_one_that_means_nothing_is_told_what_is_here()
    {
        using var project = Create("BuildDirectory=\"../store/tree\"", name: ManyProject.Old.Release);

        project.Build("-p:TargetKernel=" + ManyProject.Old.Release).FailedWith("KLP0034");
        project.Build("-p:TargetKernels=" + ManyProject.Old.Release).FailedWith("KLP0034");
        using var other = Create("BuildDirectory=\"../store/tree\"");
        var unknown = other.Build("-p:TargetKernel=nobody").FailedWith("KLP0020");
        Assert.Contains(unknown.Errors, e => e.Text.Contains(ManyProject.Young.Release, StringComparison.Ordinal));
    }

    private static SdkProject Create(string metadata, string name = "mine")
    {
        var project = SdkProject.Empty($"<ItemGroup><KernelTarget Include=\"{name}\" {metadata} /></ItemGroup>");
        project.Write("fix.c", SdkProject.PatchSource);
        Directory.CreateDirectory(Path.Combine(project.Root, "store"));
        Directory.CreateSymbolicLink(Path.Combine(project.Root, "store", "tree"), ManyProject.Young.BuildDirectory);
        Directory.CreateSymbolicLink(Path.Combine(project.Root, "store", "image"), ManyProject.Young.ImageFile);
        return project;
    }
}
