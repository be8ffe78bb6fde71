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

    private static void Add(SdkProject beside, string name)
    {
        var folder = Path.Combine(beside.Root, name);
        Directory.CreateDirectory(folder);
        File.Copy(beside.ProjectFile, Path.Combine(folder, name + ".klpproj"));
        File.WriteAllText(Path.Combine(folder, name + ".c"), SdkProject.PatchSource);
    }
}
