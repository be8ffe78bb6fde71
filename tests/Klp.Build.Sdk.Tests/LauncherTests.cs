using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests;

/// <summary>KlpCompilerLauncher in a project: a real ccache, and which of the environment a launcher gets.</summary>
public sealed class LauncherTests
{
    [Fact]
    public void The_second_clean_build_with_ccache_is_a_hit_and_the_module_is_the_same()
    {
        using var project = SdkProject.Patch(content: "<PropertyGroup><KlpCompilerLauncher>ccache</KlpCompilerLauncher></PropertyGroup>");
        var folder = Path.Combine(project.Root, "ccache");
        project.Environment["CCACHE_DIR"] = folder;
        project.Build().Succeeded();
        var module = File.ReadAllBytes(project.Module());
        Assert.Equal(0, Hits(folder));

        project.Run("clean").Succeeded();
        project.Build().Succeeded();

        Assert.Equal(1, Hits(folder));
        Assert.Equal(module, File.ReadAllBytes(project.Module()));
        project.Run("clean").Succeeded();
        project.Build("-p:KlpCompilerLauncher=").Succeeded();
        Assert.Equal(module, File.ReadAllBytes(project.Module()));
    }

    [Fact]
    public void A_launcher_gets_its_words_and_the_variables_that_launchers_read_and_nothing_else()
    {
        using var project = SdkProject.Patch(content: "<PropertyGroup><KlpCompilerLauncher>'$(MSBuildProjectDirectory)/../my launcher.sh' --one \"two words\"</KlpCompilerLauncher></PropertyGroup>");
        var script = project.Write("../my launcher.sh", "#!/bin/sh\n{ echo \"$1|$2\"; env; } > '" + Path.Combine(project.Root, "seen") + "'\nshift 2\nexec \"$@\"\n");
        CCompiler.Run("chmod", "/", "+x", script);
        project.Environment["DISTCC_HOSTS"] = "127.0.0.1/2 localhost;x";
        project.Environment["CPATH"] = "/surprise";
        project.Environment["CC"] = "surprise";

        project.Build().Succeeded();

        var seen = File.ReadAllLines(Path.Combine(project.Root, "seen"));
        Assert.Equal("--one|two words", seen[0]);
        Assert.Contains("DISTCC_HOSTS=127.0.0.1/2 localhost;x", seen);
        Assert.DoesNotContain(seen, l => l.Contains("surprise", StringComparison.Ordinal));
    }

    private static int Hits(string folder) => CCompiler.Run("ccache", "/", "--dir", folder, "--print-stats").Split('\n')
        .Select(l => l.Split('\t')).Where(p => p.Length == 2 && (p[0] is "direct_cache_hit" or "preprocessed_cache_hit")).Sum(p => int.Parse(p[1], System.Globalization.CultureInfo.InvariantCulture));
}
