using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests.BadInput;

/// <summary>A kernel's build tree that lost a part or has one that is broken.</summary>
public sealed class BrokenTreeTests
{
    [Fact]
    public void Parts_that_are_missing_are_told_at_once_and_a_tree_that_comes_back_builds()
    {
        using var mirror = new TreeMirror(BuiltPatch.Kernel);
        using var project = Project(mirror);
        project.Build().Succeeded();
        var module = File.ReadAllBytes(project.Module(BuiltPatch.Kernel));
        mirror.Delete("include/generated/autoconf.h");
        mirror.Delete("Module.symvers");

        var build = project.Build();

        var errors = Refusal.All(project, build);
        Assert.Equal(2, errors.Count);
        Refusal.Check(Assert.Single(errors, e => e.Text.Contains("autoconf.h", StringComparison.Ordinal)), build, "KLP0204", "olddefconfig modules_prepare");
        Refusal.Check(Assert.Single(errors, e => e.Code == "KLP0211"), build, "KLP0211", "exported symbols is missing", "package");
        Assert.Equal(module, File.ReadAllBytes(project.Module(BuiltPatch.Kernel)));

        File.CreateSymbolicLink(mirror.Path("include/generated/autoconf.h"), Path.Combine(BuiltPatch.Kernel.BuildDirectory, "include/generated/autoconf.h"));
        File.CreateSymbolicLink(mirror.Path("Module.symvers"), Path.Combine(BuiltPatch.Kernel.BuildDirectory, "Module.symvers"));
        project.Build().Succeeded();
        Assert.Equal(module, File.ReadAllBytes(project.Module(BuiltPatch.Kernel)));
    }

    [Fact]
    public void A_header_of_the_kernel_that_does_not_compile_is_told_in_the_compilers_words()
    {
        using var mirror = new TreeMirror(BuiltPatch.Kernel);
        using var project = Project(mirror);
        mirror.Edit("include/generated/autoconf.h", text => "#error This header was cut off.\n" + text);

        var error = Refusal.All(project, project.Build())[0];

        Assert.Contains("This header was cut off", error.Text, StringComparison.Ordinal);
        Assert.False(File.Exists(project.Module(BuiltPatch.Kernel)));
    }

    [Fact]
    public void A_kernel_without_livepatching_is_refused()
    {
        using var mirror = new TreeMirror(BuiltPatch.Kernel);
        using var project = Project(mirror);
        mirror.Configure(("LIVEPATCH", null));

        Refusal.One(project, project.Build(), "KLP0207", "CONFIG_LIVEPATCH");
    }

    /// <summary>A project for the mirror, with the real kernel's image and modules.</summary>
    private static SdkProject Project(TreeMirror mirror)
    {
        var kernel = BuiltPatch.Kernel;
        var project = SdkProject.Empty($"""
            <PropertyGroup>
              <KlpKernelBuildDirectory>{mirror.Directory}</KlpKernelBuildDirectory>
              <KlpKernelImageFile>{kernel.ImageFile}</KlpKernelImageFile>
              <KlpKernelModulesDirectory>{kernel.ModulesDirectory}</KlpKernelModulesDirectory>
            </PropertyGroup>
            """);
        project.Write("fix.c", SdkProject.PatchSource);
        return project;
    }
}
