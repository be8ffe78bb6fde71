using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests;

/// <summary>What several kernels' builds have to say is said once, and the switches for warnings act on it as on a single build's.</summary>
public sealed class SharedWarningTests
{
    private static readonly string Source = SdkProject.PatchSource + "static int on_both;\n" + ManyProject.IfYoung + "static void on_one(void) { }\n#endif\n";

    [Fact]
    public void The_same_warning_of_several_kernels_is_said_once_with_the_kernels_it_holds_for_also_when_nothing_is_compiled()
    {
        using var project = ManyProject.Create(source: Source);

        foreach (var build in new[] { project.Build().Succeeded(), project.Build().Succeeded() })
        {
            var both = Assert.Single(build.Warnings, w => w.Code == "Wunused-variable");
            Assert.Contains($"(on {ManyProject.Old.Release}, {ManyProject.Young.Release})", both.Text, StringComparison.Ordinal);
            Assert.Equal((Path.Combine(project.Folder, "fix.c"), 11), (both.File, both.LineNumber));
            var one = Assert.Single(build.Warnings, w => w.Code == "Wunused-function");
            Assert.Contains($"(on {ManyProject.Young.Release})", one.Text, StringComparison.Ordinal);
            Assert.Equal(2, build.Warnings.Count);

            // The log of each kernel's build still has what arose there.
            Assert.Equal(3, build.Messages.Count(m => m.StartsWith("For the outer build:", StringComparison.Ordinal)));
            Assert.DoesNotContain(Directory.EnumerateFiles(Path.Combine(project.Folder, "obj")), f => f.Contains("findings", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_switches_for_warnings_act_as_on_a_single_build()
    {
        using var project = ManyProject.Create(source: Source);
        project.Build().Succeeded();

        Assert.Equal(["Wunused-function"], project.Build("-p:NoWarn=Wunused-variable").Succeeded().Warnings.Select(w => w.Code));
        Assert.Equal(["Wunused-function"], project.Build("-nowarn:Wunused-variable").Succeeded().Warnings.Select(w => w.Code));
        project.Build("-p:TreatWarningsAsErrors=true", "-p:WarningsNotAsErrors=Wunused-variable%3bWunused-function").Succeeded();

        var one = project.Build("-p:WarningsAsErrors=Wunused-function").FailedWith("Wunused-function");
        Assert.Single(one.Errors);
        Assert.Contains($"(on {ManyProject.Old.Release}, {ManyProject.Young.Release})", Assert.Single(one.Warnings).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-p:TreatWarningsAsErrors=true")]
    [InlineData("-warnaserror", "-m:1")]
    public void Where_warnings_are_errors_no_kernels_module_gets_out(params string[] options)
    {
        using var project = ManyProject.Create(source: Source);

        var build = project.Build(options).FailedWith("Wunused-variable");

        Assert.Empty(build.Warnings);
        Assert.Equal(2, build.Errors.Count(e => e.Code == "Wunused-variable"));
        Assert.False(File.Exists(project.Module(ManyProject.Old)) || File.Exists(project.Module(ManyProject.Young)));
    }
}
