using System.Text.Json;
using System.Text.RegularExpressions;
using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests;

/// <summary>One project for several kernels: each is built, side by side, by every command.</summary>
public sealed partial class ManyKernelsTests
{
    private static readonly (string Old, string Young) Releases = (ManyProject.Old.Release, ManyProject.Young.Release);

    [Fact]
    public void A_kernel_is_built_once_however_often_and_by_whatever_names_the_list_has_it()
    {
        using var project = ManyProject.Create(kernels: $"\n  {Releases.Old} ;\n\n  newest;; {Releases.Young};\n {Releases.Old};");
        project.OwnStore(("newest", Releases.Young));

        var build = project.Build().Succeeded();

        Assert.True(project.HasBoth());
        Assert.Equal(2, build.InnerBuilds());
        Assert.Equal([Releases.Old, Releases.Young], Directory.GetDirectories(Path.Combine(project.Folder, "bin")).Select(d => Path.GetFileName(d)).Order());
    }

    [Fact]
    public void The_list_can_come_from_the_environment_and_from_the_command_line()
    {
        using var project = SdkProject.Patch();
        project.Environment["TargetKernels"] = $"{Releases.Old};{Releases.Young}";
        File.WriteAllText(project.ProjectFile, $"<Project Sdk=\"{SdkProject.Sdk}\" />\n");

        Assert.Equal(2, project.Build().Succeeded().InnerBuilds());

        project.Environment.Remove("TargetKernels");
        Assert.Equal(2, project.Build($"-p:TargetKernels={Releases.Young}%3b{Releases.Old}").Succeeded().InnerBuilds());
        Assert.Equal(1, project.Build($"-p:TargetKernels={Releases.Young}").Succeeded().InnerBuilds());
    }

    [Fact]
    public void An_empty_list_is_no_list()
    {
        using var project = ManyProject.Create(kernels: "\n ; ;\n");
        project.OwnStore(("default", Releases.Young));

        var found = project.Evaluate(["IsOuterBuild", "KlpKernelRelease"]);

        Assert.Equal("false", found["IsOuterBuild"]);
        Assert.Equal(Releases.Young, found["KlpKernelRelease"]);
        Assert.Equal("false", project.Evaluate(["IsOuterBuild"], "-p:TargetKernels=%3b")["IsOuterBuild"]);
    }

    [Theory]
    [InlineData("-m:1")]
    [InlineData("-m:2", "-mt", "--no-restore")]
    [InlineData("-graph")]
    [InlineData("-graph", "-isolate", "--no-restore")]
    public void Every_way_to_build_builds_each_kernel_once_and_says_a_shared_warning_once(params string[] options)
    {
        using var project = ManyProject.Create(source: SdkProject.PatchSource + "static int klp_unused;\n");

        var build = project.Build(options).Succeeded();

        Assert.True(project.HasBoth());
        Assert.Equal(2, build.InnerBuilds());
        Assert.Single(build.Warnings);
    }

    [Fact]
    public void The_terminal_logger_has_one_line_per_kernel()
    {
        using var project = ManyProject.Create();

        var said = Escapes().Replace(project.Dotnet("build", "-tl:on").StandardOutput, "");

        foreach (var release in new[] { Releases.Old, Releases.Young })
        {
            Assert.Single(Regex.Matches(said, $@"fix {Regex.Escape(release)} succeeded.*fix\.ko"));
        }
    }

    [Fact]
    public void A_failure_on_one_kernel_names_it_and_does_not_hide_the_others()
    {
        using var project = ManyProject.Create(source: ManyProject.IfYoung + "static int young_only;\n#else\n#error too old\n#endif\n" + SdkProject.PatchSource);

        var build = project.Build("-v:q");

        Assert.Equal(1, build.ExitCode);
        Assert.False(File.Exists(project.Module(ManyProject.Old)));
        Assert.True(File.Exists(project.Module(ManyProject.Young)));
        Assert.All(build.Errors, e => Assert.Contains("too old", e.Text, StringComparison.Ordinal));
        Assert.Contains($"[{project.ProjectFile}::TargetKernel={Releases.Old}]", build.Output, StringComparison.Ordinal);
        var warning = Assert.Single(build.Warnings);
        Assert.Contains($"(on {Releases.Young})", warning.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Publish_makes_a_folder_per_kernel_and_clean_leaves_nothing()
    {
        using var project = ManyProject.Create(folder: "semi;colon grün");
        var files = project.Files();

        project.Run("publish").Succeeded();
        Assert.All([Releases.Old, Releases.Young], r => Assert.True(File.Exists(Path.Combine(project.Folder, "bin", r, "publish", "fix.ko"))));

        project.Run("publish", "--no-build", "-p:PublishDir=other").Succeeded();
        Assert.All([Releases.Old, Releases.Young], r => Assert.True(File.Exists(Path.Combine(project.Folder, "other", r, "fix.ko"))));

        project.Write("obj/fix.findings.0123456789abcdef.7fffffff-0123.tmp", "left by a build that was killed");
        project.Run("clean").Succeeded();
        Assert.Equal(files, project.Files());
    }

    [Fact]
    public void Folders_of_the_command_line_get_one_folder_per_kernel_and_clean_finds_them()
    {
        using var project = ManyProject.Create();
        var files = project.Files();

        project.Build("-o", "out", "-p:IntermediateOutputPath=between/").Succeeded();

        Assert.All([Releases.Old, Releases.Young], r => Assert.True(File.Exists(Path.Combine(project.Folder, "out", r, "fix.ko"))));
        Assert.All([Releases.Old, Releases.Young], r => Assert.True(File.Exists(Path.Combine(project.Folder, "between", r, "fix.ko"))));
        project.Run("clean", "-p:IntermediateOutputPath=between/").Succeeded();
        Assert.Equal(files, project.Files());
    }

    [Fact]
    public void Queries_answer_for_every_kernel()
    {
        using var project = ManyProject.Create();

        var paths = Identities(project.Dotnet("msbuild", "-t:GetTargetPath", "-getTargetResult:GetTargetPath").StandardOutput, "GetTargetPath");
        Assert.Equal([project.Module(ManyProject.Old), project.Module(ManyProject.Young)], paths);
        Assert.False(Directory.Exists(Path.Combine(project.Folder, "bin")));

        using var modules = JsonDocument.Parse(project.Dotnet("build", "-t:GetKlpModuleInfo", "-getTargetResult:GetKlpModuleInfo").StandardOutput);
        var items = modules.RootElement.GetProperty("TargetResults").GetProperty("GetKlpModuleInfo").GetProperty("Items").EnumerateArray().ToArray();
        Assert.Equal(paths, items.Select(i => i.GetProperty("Identity").GetString()!));
        Assert.Equal([Releases.Old, Releases.Young], items.Select(i => i.GetProperty("Kernel").GetString()));
        Assert.All(items, i => Assert.Equal("x86", i.GetProperty("Architecture").GetString()));
    }

    [Fact]
    public void Dotnet_run_wants_one_kernel_and_gets_its_module()
    {
        using var project = ManyProject.Create();

        Assert.Contains("KLP0032", project.Dotnet("run").StandardOutput, StringComparison.Ordinal);
        Assert.Contains(project.Module(ManyProject.Young), RunArguments(project, $"-p:TargetKernel={Releases.Young}"), StringComparison.Ordinal);
        Assert.Contains(project.Module(ManyProject.Old), RunArguments(project, $"-p:TargetKernels={Releases.Old}"), StringComparison.Ordinal);
        project.Build("-t:CoreCompile").FailedWith("KLP0032");
    }

    [Fact]
    public void A_design_time_build_writes_the_first_kernels_database_and_nothing_else()
    {
        using var project = ManyProject.Create();
        var database = Path.Combine(project.Folder, "compile_commands.json");

        foreach (var options in new[] { new[] { "-p:DesignTimeBuild=true" }, ["-p:DesignTimeBuild=true", "-t:CompileDesignTime"] })
        {
            File.Delete(database);
            project.Build(options).Succeeded();
            Assert.Contains(Releases.Old, File.ReadAllText(database), StringComparison.Ordinal);
            Assert.DoesNotContain(project.Files(), f => f.EndsWith(".o", StringComparison.Ordinal));
        }

        var designed = File.ReadAllText(database);
        project.Build().Succeeded();
        Assert.Equal(designed, File.ReadAllText(database));
    }

    [Fact]
    public void Solutions_and_C_sharp_projects_get_all_modules()
    {
        using var project = ManyProject.Create();
        var app = Path.Combine(project.Root, "app");
        Directory.CreateDirectory(app);
        File.WriteAllText(Path.Combine(app, "app.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <ItemGroup><ProjectReference Include="../fix/fix.klpproj" /></ItemGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(project.Root, "all.slnx"), """
            <Solution>
              <Configurations><ProjectType TypeId="13B669BE-BB05-4DDF-9536-439F39A36129" Extension="klpproj" /></Configurations>
              <Project Path="fix/fix.klpproj" /><Project Path="app/app.csproj" />
            </Solution>
            """);

        var result = project.Dotnet(project.Root, ["build", "all.slnx"]);

        Assert.True(result.ExitCode == 0, result.StandardOutput);
        Assert.Contains("0 Warning(s)", result.StandardOutput, StringComparison.Ordinal);
        Assert.All([Releases.Old, Releases.Young], r => Assert.True(File.Exists(Path.Combine(app, "bin/Debug/net10.0", r, "fix.ko"))));
    }

    private static string RunArguments(SdkProject project, string option)
    {
        // With one property the answer is no JSON, so ask for another one besides.
        using var json = JsonDocument.Parse(project.Dotnet("msbuild", option, "-t:ComputeRunArguments", "-getProperty:RunArguments", "-getProperty:RunCommand").StandardOutput);
        return json.RootElement.GetProperty("Properties").GetProperty("RunArguments").GetString()!;
    }

    private static string[] Identities(string answer, string target)
    {
        using var json = JsonDocument.Parse(answer);
        return [.. json.RootElement.GetProperty("TargetResults").GetProperty(target).GetProperty("Items").EnumerateArray().Select(i => i.GetProperty("Identity").GetString()!)];
    }

    [GeneratedRegex(@"\x1b\[[0-9;?]*[A-Za-z]|\x1b\]8;;[^\x1b]*\x1b\\")]
    private static partial Regex Escapes();
}
