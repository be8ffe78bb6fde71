using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests;

/// <summary>What a project, its surroundings and the environment say, and what comes of it.</summary>
public sealed class ProjectTests
{
    private const string Warning = "static int klp_unused;\n";

    [Fact]
    public void Kbuilds_variables_in_the_environment_change_nothing_and_one_quiet_message_each_names_the_property()
    {
        using var plain = SdkProject.Patch();
        using var steered = SdkProject.Patch();
        foreach (var (name, value) in new[] { ("CC", "clang"), ("ARCH", "arm64"), ("CROSS_COMPILE", "aarch64-linux-gnu-"), ("LLVM", "1"), ("KCFLAGS", "-O0"), ("CFLAGS", "-O0"), ("MAKEFLAGS", "-k") })
        {
            steered.Environment[name] = value;
        }

        plain.Build().Succeeded();
        var build = steered.Build().Succeeded();

        Assert.Equal(File.ReadAllBytes(plain.Module()), File.ReadAllBytes(steered.Module()));
        Assert.Single(build.Messages, m => m.Contains("CROSS_COMPILE", StringComparison.Ordinal) && m.Contains("KlpCrossPrefix", StringComparison.Ordinal));
        Assert.DoesNotContain("KlpCrossPrefix", build.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_Directory_Build_props_made_for_C_sharp_does_no_harm()
    {
        using var project = SdkProject.Patch();
        File.WriteAllText(Path.Combine(project.Root, "Directory.Build.props"), """
            <Project><PropertyGroup>
              <TargetFramework>net10.0</TargetFramework><Nullable>enable</Nullable><LangVersion>latest</LangVersion><NoWarn>CS1591;1701</NoWarn><TreatWarningsAsErrors>true</TreatWarningsAsErrors>
            </PropertyGroup></Project>
            """);
        File.WriteAllText(Path.Combine(project.Root, "Directory.Build.targets"), """
            <Project>
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <Target Name="Said" AfterTargets="Build"><Message Importance="high" Text="said after the build of $(TargetFileName)" /></Target>
            </Project>
            """);

        var build = project.Build().Succeeded();

        Assert.Contains("said after the build of fix.ko", build.Messages);
        Assert.True(File.Exists(project.Module()));
    }

    [Fact]
    public void The_artifacts_layout_is_Microsofts()
    {
        using var project = SdkProject.Patch(content: "<PropertyGroup><UseArtifactsOutput>true</UseArtifactsOutput></PropertyGroup>");
        File.WriteAllText(Path.Combine(project.Root, "Directory.Build.props"), "<Project />");
        var release = Kernels.BySeries("6.1").Release;

        project.Build().Succeeded();
        project.Run("publish").Succeeded();

        Assert.True(File.Exists(Path.Combine(project.Root, "artifacts/bin/fix", release, "fix.ko")));
        Assert.True(File.Exists(Path.Combine(project.Root, "artifacts/publish/fix", release, "fix.ko")));
        Assert.False(Directory.Exists(Path.Combine(project.Folder, "bin")));
        project.Run("clean").Succeeded();
        Assert.False(Directory.Exists(Path.Combine(project.Root, "artifacts", "bin", "fix", release)));
    }

    [Fact]
    public void A_compilers_warning_has_its_option_as_code_and_the_familiar_properties_govern_it_also_when_nothing_is_compiled()
    {
        using var project = SdkProject.Patch();
        project.Write("fix.c", SdkProject.PatchSource + Warning);

        var warned = project.Build().Succeeded();
        Assert.Equal("Wunused-variable", Assert.Single(warned.Warnings).Code);

        // The object is up to date, so only the record of the first build knows of the warning.
        var again = project.Build().Succeeded();
        Assert.Equal("Wunused-variable", Assert.Single(again.Warnings).Code);

        Assert.Empty(project.Build("-p:NoWarn=Wunused-variable").Succeeded().Warnings);
        project.Build("-p:TreatWarningsAsErrors=true").FailedWith("Wunused-variable");
        project.Build("-p:WarningsAsErrors=Wunused-variable").FailedWith("Wunused-variable");
        project.Build("-warnaserror").FailedWith("Wunused-variable");
        project.Build("-p:TreatWarningsAsErrors=true", "-p:WarningsNotAsErrors=Wunused-variable").Succeeded();
    }

    [Fact]
    public void A_warning_that_is_an_error_keeps_the_module_from_the_output_folder()
    {
        using var project = SdkProject.Patch();
        project.Write("fix.c", SdkProject.PatchSource + Warning);

        project.Build("-p:TreatWarningsAsErrors=true").FailedWith("Wunused-variable");

        Assert.False(File.Exists(project.Module()));
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("semi;colon")]
    [InlineData("per%cent")]
    [InlineData("dollar$sign")]
    [InlineData("grün ☃")]
    [InlineData("quote'and(paren)")]
    public void Hostile_folder_names_do_no_harm(string folder)
    {
        using var project = SdkProject.Patch(folder: folder);
        using var plain = SdkProject.Patch();

        project.Build().Succeeded();
        plain.Build().Succeeded();

        Assert.Equal(File.ReadAllBytes(plain.Module()), File.ReadAllBytes(project.Module()));
        project.Run("clean").Succeeded();
        Assert.Equal(["fix.c", "fix.klpproj"], project.Files());
    }

    [Fact]
    public void A_project_name_that_no_module_can_have_is_refused()
    {
        using var project = SdkProject.Patch(name: "my fix");

        project.Build().FailedWith("KLP0024");
        project.Build("-p:TargetName=my-fix").Succeeded();
    }

    [Fact]
    public void A_design_time_build_writes_the_editors_database_and_nothing_else()
    {
        using var project = SdkProject.Patch();
        project.Build("-t:ProbeKernel").Succeeded();
        project.Run("clean").Succeeded();

        var build = project.Build("-p:DesignTimeBuild=true").Succeeded();

        Assert.Contains("compile_commands.json", project.Files());
        Assert.DoesNotContain(project.Files(), f => f.EndsWith(".o", StringComparison.Ordinal) || f.EndsWith(".ko", StringComparison.Ordinal));
        Assert.DoesNotContain("KlpMerge", build.Tasks);
        Assert.True(build.Result.Duration < TimeSpan.FromSeconds(10));
        var database = File.ReadAllText(Path.Combine(project.Folder, "compile_commands.json"));
        project.Build().Succeeded();
        Assert.Equal(database, File.ReadAllText(Path.Combine(project.Folder, "compile_commands.json")));
        Assert.Contains(project.Folder, database, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_editors_get_project_capabilities()
    {
        using var project = SdkProject.Patch();

        Assert.DoesNotContain("CPS", project.Dotnet("msbuild", "-getItem:ProjectCapability").StandardOutput, StringComparison.Ordinal);
        Assert.Contains("CPS", project.Dotnet("msbuild", "-getItem:ProjectCapability", "-p:BuildingInsideVisualStudio=true").StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hint_that_nothing_uses_is_told_at_the_project()
    {
        using var project = SdkProject.Patch(content: """<ItemGroup><KlpSymbolHint Include="name_shwo" SymbolPosition="1" /></ItemGroup>""");

        Assert.Equal(project.ProjectFile, Assert.Single(project.Build().Succeeded().Warnings, w => w.Code == "KLP0386").File);
    }

    [Theory]
    [InlineData("-p:KlpToolchain=gnu")]
    [InlineData("-p:KlpMaxParallelism=many")]
    [InlineData("-p:KlpCompilerVersionCheck=Perhaps")]
    [InlineData("-p:KlpKernelRules=Nonsense=1")]
    [InlineData("-p:EnableKlpVerify=yes")]
    public void A_value_that_means_nothing_is_an_error(string property)
    {
        using var project = SdkProject.Patch();

        project.Build(property).FailedWith("KLP0029");
    }

    [Fact]
    public void A_launcher_gets_its_own_variables_and_no_others_and_switching_it_compiles_nothing_again()
    {
        using var project = SdkProject.Patch();
        project.Environment["CCACHE_DIR"] = Path.Combine(project.Root, "a;cache$dir");
        project.Environment["KLP_SECRET"] = "secret";
        var launcher = project.Write("../launch.sh", $"#!/bin/sh\nenv > '{project.Root}/seen'\nexec \"$@\"\n");
        CCompiler.Run("chmod", "/", "+x", launcher);

        project.Build("-p:KlpCompilerLauncher=" + launcher).Succeeded();
        var plain = project.Build().Succeeded();

        var seen = File.ReadAllLines(Path.Combine(project.Root, "seen"));
        Assert.Contains("CCACHE_DIR=" + project.Environment["CCACHE_DIR"], seen);
        Assert.DoesNotContain(seen, v => v.StartsWith("KLP_SECRET", StringComparison.Ordinal));
        Assert.DoesNotContain(plain.Messages, m => m.StartsWith("Compiling", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_an_image_a_patch_that_looks_nothing_up_builds_and_any_other_is_told_which_package_has_it()
    {
        using var project = SdkProject.Patch();
        var kernel = Kernels.BySeries("6.1");
        var folder = Path.Combine(project.Root, "store", kernel.Release);
        Directory.CreateDirectory(folder);
        Directory.CreateSymbolicLink(Path.Combine(folder, "build"), Path.GetFullPath(kernel.BuildDirectory));
        var option = "-p:KlpKernelStore=" + Path.GetDirectoryName(folder);

        project.Build(option).Succeeded();
        project.Write("fix.c", SdkProject.PatchSource.Replace("seq_puts", "extern int saved_command_line_len;\n\tseq_printf(m, \"%d\", saved_command_line_len);\n\tseq_puts", StringComparison.Ordinal));
        var build = project.Build(option);

        Assert.NotEqual(0, build.ExitCode);
        Assert.Contains(build.Errors, e => e.Text.Contains("linux-image-" + kernel.Release, StringComparison.Ordinal));
    }

    [Fact]
    public void Clangd_finds_no_error_with_the_database_of_a_build()
    {
        using var project = SdkProject.Patch();
        project.Build().Succeeded();

        var said = CCompiler.Run("clangd", project.Folder, "--check=" + Path.Combine(project.Folder, "fix.c"));

        Assert.Contains("All checks completed, 0 errors", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Dotnet_watch_finds_its_target_and_the_files_to_watch()
    {
        using var project = SdkProject.Patch();
        project.Write("fix.h", "");

        var result = project.Dotnet("watch", "--list", "build");

        Assert.Contains("fix.c", result.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("fix.h", result.StandardOutput, StringComparison.Ordinal);
    }
}
