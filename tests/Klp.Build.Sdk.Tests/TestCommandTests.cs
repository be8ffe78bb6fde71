using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests;

/// <summary>What <c>dotnet test</c> says before it boots anything; what it does in the machine is tested where boots are.</summary>
public sealed class TestCommandTests
{
    [Fact]
    public void All_that_is_wrong_with_the_projects_tests_is_said_in_one_run()
    {
        using var project = SdkProject.Patch(content: """
            <ItemGroup>
              <KlpTest Include="a.sh" Phase="After" />
              <KlpTest Include="a.sh" Expect="1" />
              <KlpTest Include="a.sh;a.sh" />
              <KlpTest Include="missing.sh" />
            </ItemGroup>
            """);
        project.Write("a.sh", "true\n");

        var build = project.Run("build", "-t:VSTest", "-p:VSTestListTests=true");

        Assert.Equal(["KLP0011", "KLP0040", "KLP0040", "KLP0041"], build.Errors.Select(e => e.Code).Order());
    }

    [Fact]
    public void A_filter_that_is_none_and_a_module_that_is_not_there_are_errors()
    {
        using var project = SdkProject.Patch();

        var missing = project.Dotnet("test", "--no-build");
        var filter = project.Dotnet("test", "--list-tests", "--filter", "(Name~a");

        Assert.Contains("error KLP0044: ", missing.StandardOutput + missing.StandardError);
        Assert.Contains("error KLP0042: ", filter.StandardOutput + filter.StandardError);
        Assert.Equal((1, 1), (missing.ExitCode, filter.ExitCode));
    }

    [Fact]
    public void Numbers_for_the_machine_are_checked()
    {
        using var project = SdkProject.Patch(content: "<PropertyGroup><KlpGuestMemory>much</KlpGuestMemory><KlpGuestTimeout>0</KlpGuestTimeout></PropertyGroup>");

        var build = project.Run("build", "-t:VSTest");

        Assert.Equal(["KLP0046", "KLP0046"], build.Errors.Select(e => e.Code));
    }

    [Fact]
    public void A_global_json_that_wants_test_programs_gets_the_command_that_works()
    {
        using var project = SdkProject.Patch();
        project.Write("global.json", """{ "test": { "runner": "Microsoft.Testing.Platform" } }""");

        var without = project.Dotnet("test");
        project.Write("Directory.Build.props", "<Project><ItemGroup><KlpTest Include=\"t.sh\" /></ItemGroup></Project>");
        project.Write("t.sh", "true\n");
        var with = project.Dotnet("test");
        var command = project.Dotnet("build", "-t:VSTest", project.ProjectFile, "-p:VSTestListTests=true");

        Assert.Contains("warning KLP0043: ", without.StandardOutput + without.StandardError);
        Assert.Contains($"error KLP0043: ", with.StandardOutput + with.StandardError);
        Assert.Contains($"dotnet build -t:VSTest \"{project.ProjectFile}\"", with.StandardOutput + with.StandardError);
        Assert.NotEqual(0, without.ExitCode);
        Assert.NotEqual(0, with.ExitCode);
        Assert.Contains("fix.Loaded.t", command.StandardOutput);
    }

    [Fact]
    public void Several_kernels_have_each_their_own_tests_and_one_can_be_asked_for_and_a_logger_of_dotnets_is_refused()
    {
        var (first, second) = (Kernels.BySeries("6.1").Release, Kernels.BySeries("6.12").Release);
        using var project = SdkProject.Empty($"""
            <PropertyGroup><TargetKernels>{first};{second}</TargetKernels></PropertyGroup>
            <ItemGroup><KlpTest Include="new.sh" Kernels="6.12.*" /></ItemGroup>
            """);
        project.Write("fix.c", SdkProject.PatchSource);
        project.Write("new.sh", "true\n");

        var both = project.Dotnet("test", "--list-tests");
        var one = project.Dotnet("test", "--list-tests", "--no-build", "-p:TargetKernel=" + first);
        var none = project.Dotnet("test", "--no-build", "--list-tests", "--filter", "Kernel=" + first + "&Name=new");

        var html = project.Dotnet("test", "--no-build", "-p:TargetKernel=" + first, "--filter", "Name=no_such_test", "--logger", "html;LogFileName=r.html");

        Assert.Equal((0, 0, 0, 0), (both.ExitCode, one.ExitCode, none.ExitCode, html.ExitCode));
        Assert.Contains($"{project.ProjectFile} : warning KLP0045: The logger 'html' is a program for .NET tests; it cannot log tests in a kernel. Loggers here are trx and console.", html.StandardOutput, StringComparison.Ordinal);
        Assert.DoesNotContain(project.Files(), f => f.EndsWith(".html", StringComparison.Ordinal));
        int Count(string text, string word) => text.Split(word).Length - 1;
        Assert.Equal((2, 1), (Count(both.StandardOutput, "fix.Loads"), Count(both.StandardOutput, "fix.Loaded.new")));
        Assert.Equal((1, 0), (Count(one.StandardOutput, "fix.Loads"), Count(one.StandardOutput, "fix.Loaded.new")));
        Assert.Equal(0, Count(none.StandardOutput, "fix.Loaded.new"));
    }
}
