using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests;

/// <summary>Each verb of the .NET command line does what a .NET user expects of it.</summary>
public sealed class CommandTests
{
    private static readonly TestKernel Kernel = Kernels.BySeries("6.1");

    [Fact]
    public void Build_writes_the_module_and_says_so_in_one_line_also_when_nothing_was_to_be_done()
    {
        using var project = SdkProject.Patch();

        var first = project.Build().Succeeded();
        var second = project.Build().Succeeded();

        Assert.True(File.Exists(project.Module()));
        Assert.Empty(first.Warnings);
        Assert.Contains($"fix -> {project.Module()}", first.Messages);
        Assert.Contains($"fix -> {project.Module()}", second.Messages);
        Assert.Contains("CoreCompile", first.Targets);
    }

    [Fact]
    public void Clean_leaves_what_was_there_before_the_build()
    {
        using var project = SdkProject.Patch();
        var before = project.Files();
        project.Build().Succeeded();
        project.Run("build", "-p:TargetKernel=" + Kernels.BySeries("6.12").Release).Succeeded();
        project.Run("publish").Succeeded();
        // What a killed build leaves beside a file it was writing.
        File.WriteAllText(project.Module() + ".1a-0123456789abcdef.tmp", "half");

        project.Run("clean").Succeeded();

        Assert.Equal(before, project.Files());
        Assert.False(Directory.Exists(Path.Combine(project.Folder, "bin")));
        Assert.False(Directory.Exists(Path.Combine(project.Folder, "obj")));
    }

    [Fact]
    public void Clean_works_where_the_kernel_is_gone_and_touches_nothing_that_is_not_the_builds()
    {
        using var project = SdkProject.Patch();
        project.Build().Succeeded();
        project.Write("bin/notes.txt", "mine");
        project.Write("obj/mine/keep.o", "mine");

        project.Run("clean", "-p:TargetKernel=no-such-kernel").Succeeded();

        Assert.Equal(["bin/notes.txt", "fix.c", "fix.klpproj", "obj/mine/keep.o"], project.Files());
    }

    [Fact]
    public void Rebuild_compiles_again()
    {
        using var project = SdkProject.Patch();
        project.Build().Succeeded();
        var bytes = File.ReadAllBytes(project.Module());

        var build = project.Build("-t:Rebuild").Succeeded();

        Assert.Contains(build.Messages, m => m.StartsWith("Compiling fix.c", StringComparison.Ordinal));
        Assert.Equal(bytes, File.ReadAllBytes(project.Module()));
    }

    [Fact]
    public void Publish_puts_the_module_where_it_is_told()
    {
        using var project = SdkProject.Patch();

        project.Run("publish", "-o", Path.Combine(project.Root, "out")).Succeeded();

        Assert.True(File.Exists(Path.Combine(project.Root, "out", "fix.ko")));
    }

    [Fact]
    public void Pack_of_a_patch_does_no_harm_and_names_the_command_for_it()
    {
        using var project = SdkProject.Patch();
        var before = project.Files();

        var pack = project.Run("pack").Succeeded();

        Assert.Empty(pack.Warnings);
        Assert.Contains($"fix: a livepatch module is not packed; `dotnet publish` puts it into bin/{Kernel.Release}/publish/ (KLP0030).", pack.Output, StringComparison.Ordinal);
        Assert.Equal(before, project.Files());
    }

    [Theory]
    [InlineData("--no-restore")]
    [InlineData("-graph")]
    [InlineData("-mt")]
    [InlineData("-m")]
    [InlineData("-graph", "-isolate", "--no-restore")]
    [InlineData("-check")]
    public void Build_takes_MSBuilds_switches(params string[] switches)
    {
        using var project = SdkProject.Patch();

        var build = project.Build(switches).Succeeded();

        Assert.Empty(build.Warnings);
        Assert.True(File.Exists(project.Module()));
    }

    [Fact]
    public void Restore_succeeds_and_does_nothing()
    {
        using var project = SdkProject.Patch();
        var before = project.Files();

        project.Run("restore").Succeeded();

        Assert.Equal(before, project.Files());
    }

    [Fact]
    public void Run_hands_the_tool_everything_the_project_says_and_free_text_unchanged()
    {
        const string Show = "printf \"a\\nb\"; awk '{print $1}' /proc/cmdline";
        using var project = SdkProject.Patch(content: $"<PropertyGroup><KlpShowCommand>{Show}</KlpShowCommand><KlpGuestMemory>640</KlpGuestMemory></PropertyGroup>");

        var words = Klp.Base.Words.Split(project.Evaluate(["RunArguments"])["RunArguments"]);

        string After(string option) => words[words.ToList().IndexOf(option) + 1];
        Assert.EndsWith("klp.dll", words[0], StringComparison.Ordinal);
        Assert.True(File.Exists(words[0]));
        Assert.Equal(project.Module(), After("--module"));
        Assert.Equal(Kernel.ImageFile, After("--image"));
        Assert.Equal("640", After("--memory"));
        Assert.Equal(Show, System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(After("--show-command"))));
        Assert.Equal("--", words[^1]);
    }

    [Fact]
    public void Queries_answer_without_a_build_and_with_one()
    {
        using var project = SdkProject.Patch();

        var path = project.Dotnet("msbuild", "-getProperty:TargetPath").StandardOutput.Trim();
        var items = project.Dotnet("build", "-getTargetResult:GetKlpModuleInfo", "-t:GetKlpModuleInfo").StandardOutput;

        Assert.Equal(project.Module(), path);
        Assert.Contains(Kernel.Release, items, StringComparison.Ordinal);
        Assert.Contains("\"Architecture\": \"x86\"", items, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_build_says_what_is_wrong_and_leaves_the_module_of_before_alone()
    {
        using var project = SdkProject.Patch();
        project.Build().Succeeded();
        var bytes = File.ReadAllBytes(project.Module());
        project.Write("fix.c", SdkProject.PatchSource.Replace("int, struct", "int, strict", StringComparison.Ordinal));

        var build = project.Build();

        Assert.NotEqual(0, build.ExitCode);
        Assert.Contains(build.Errors, e => e.File.EndsWith("fix.c", StringComparison.Ordinal) && e.LineNumber == 4);
        Assert.Equal(bytes, File.ReadAllBytes(project.Module()));
    }
}
