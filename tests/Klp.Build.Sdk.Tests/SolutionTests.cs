using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests;

/// <summary>Several patches, and C# beside them, in one build.</summary>
public sealed class SolutionTests
{
    [Theory]
    [InlineData("all.sln", "sln")]
    [InlineData("all.slnx", "slnx")]
    public void A_solution_made_by_the_command_line_builds_all_its_patches_without_a_warning(string file, string format)
    {
        using var one = SdkProject.Patch(name: "one", folder: "one");
        Add(one, "two");
        Assert.Equal(0, one.Dotnet(one.Root, ["new", "sln", "-n", "all", "--format", format]).ExitCode);
        var added = one.Dotnet(one.Root, ["sln", file, "add", "one/one.klpproj", "two/two.klpproj"]);
        Assert.True(added.ExitCode == 0, added.StandardOutput + added.StandardError);

        var result = one.Dotnet(one.Root, ["build", file]);

        Assert.True(result.ExitCode == 0, result.StandardOutput);
        Assert.Contains("0 Warning(s)", result.StandardOutput, StringComparison.Ordinal);
        Assert.True(File.Exists(one.Module()));
        Assert.True(File.Exists(one.Module().Replace("/one", "/two", StringComparison.Ordinal)));
        Assert.Equal(0, one.Dotnet(one.Root, ["clean", file]).ExitCode);
        Assert.False(Directory.Exists(Path.Combine(one.Folder, "obj")));
    }

    [Fact]
    public void A_C_sharp_project_that_refers_to_a_patch_builds_it_first_and_gets_the_module()
    {
        using var patch = SdkProject.Patch(name: "fix", folder: "fix");
        var app = Path.Combine(patch.Root, "app");
        Directory.CreateDirectory(app);
        File.WriteAllText(Path.Combine(app, "app.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <ItemGroup><ProjectReference Include="../fix/fix.klpproj" /></ItemGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(app, "Program.cs"), "System.Console.WriteLine(System.IO.File.Exists(System.IO.Path.Combine(System.AppContext.BaseDirectory, \"fix.ko\")));");

        foreach (var arguments in new[] { new[] { "build", "-graph" }, ["build"] })
        {
            var result = patch.Dotnet(app, arguments);
            Assert.True(result.ExitCode == 0, result.StandardOutput);
            Assert.Contains("0 Warning(s)", result.StandardOutput, StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(app, "bin/Debug/net10.0/fix.ko")));
            Assert.Equal(0, patch.Dotnet(app, ["clean"]).ExitCode);
        }
    }

    [Fact]
    public void Dotnet_test_of_a_solution_has_the_tests_of_all_its_patches_and_leaves_C_sharp_alone()
    {
        using var one = SdkProject.Patch(name: "one", folder: "one", content: "<ItemGroup><KlpTest Include=\"t.sh\" /></ItemGroup>");
        one.Write("t.sh", "true\n");
        Add(one, "two");
        File.WriteAllText(Path.Combine(one.Root, "two", "two.klpproj"), File.ReadAllText(one.ProjectFile).Replace("<KlpTest Include=\"t.sh\" />", "", StringComparison.Ordinal));
        Directory.CreateDirectory(Path.Combine(one.Root, "lib"));
        File.WriteAllText(Path.Combine(one.Root, "lib", "lib.csproj"), """<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>""");
        File.WriteAllText(Path.Combine(one.Root, "all.slnx"), """
            <Solution>
              <Configurations><ProjectType TypeId="13B669BE-BB05-4DDF-9536-439F39A36129" Extension="klpproj" /></Configurations>
              <Project Path="one/one.klpproj" /><Project Path="two/two.klpproj" /><Project Path="lib/lib.csproj" />
            </Solution>
            """);

        var result = one.Dotnet(one.Root, ["test", "all.slnx", "--list-tests", "--blame"]);

        Assert.True(result.ExitCode == 0, result.StandardOutput + result.StandardError);
        Assert.Contains("    one.Loaded.t\n", result.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("    one.Loads\n", result.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("    two.Loads\n", result.StandardOutput, StringComparison.Ordinal);
        Assert.DoesNotContain("warning", result.StandardOutput, StringComparison.Ordinal);
    }

    private static void Add(SdkProject beside, string name)
    {
        var folder = Path.Combine(beside.Root, name);
        Directory.CreateDirectory(folder);
        File.Copy(beside.ProjectFile, Path.Combine(folder, name + ".klpproj"));
        File.WriteAllText(Path.Combine(folder, name + ".c"), SdkProject.PatchSource);
    }
}
