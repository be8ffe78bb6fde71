using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests;

/// <summary>Builds that are killed, cancelled or run twice at once never leave a wrong or half-written module.</summary>
public sealed class InterruptionTests
{
    private const int Seed = 20261120;

    [Fact]
    public void Fifty_kills_at_random_moments_leave_the_old_module_or_the_new_one_and_the_next_build_is_right()
    {
        using var project = SdkProject.Patch();
        var texts = new[] { SdkProject.PatchSource, SdkProject.PatchSource.Replace("patched by", "patched again by", StringComparison.Ordinal) };
        var good = texts.Select(text => CleanModule(text)).ToArray();
        var random = new Random(Seed);
        // The moments are spread over what a build takes on this machine now.
        var whole = (int)project.Build("-t:Rebuild").Succeeded().Result.Duration.TotalMilliseconds;

        for (var i = 0; i < 50; i++)
        {
            project.Write("fix.c", texts[i % 2]);
            using (var build = new SdkProcess(project, "build", "--no-restore"))
            {
                Thread.Sleep(random.Next(whole / 5, whole + 100));
                build.Kill();
            }

            Assert.True(!File.Exists(project.Module()) || good.Any(g => g.AsSpan().SequenceEqual(File.ReadAllBytes(project.Module()))), $"Kill {i} (seed {Seed}) left a wrong module.");
            if (i % 10 == 9)
            {
                project.Build().Succeeded();
                Assert.True(good[i % 2].AsSpan().SequenceEqual(File.ReadAllBytes(project.Module())), $"The build after kill {i} (seed {Seed}) made a wrong module.");
            }
        }

        project.Run("clean").Succeeded();
        Assert.Equal(["fix.c", "fix.klpproj"], project.Files());
    }

    [Fact]
    public void Two_builds_at_once_both_succeed_and_the_module_is_right()
    {
        using var project = SdkProject.Patch();
        for (var round = 0; round < 3; round++)
        {
            var text = SdkProject.PatchSource.Replace("patched by", $"patched in round {round} by", StringComparison.Ordinal);
            project.Write("fix.c", text);
            using var first = new SdkProcess(project, "build");
            using var second = new SdkProcess(project, "build");

            Assert.Equal(0, first.Wait(TimeSpan.FromMinutes(2)));
            Assert.Equal(0, second.Wait(TimeSpan.FromMinutes(2)));

            Assert.Equal(CleanModule(text), File.ReadAllBytes(project.Module()));
        }
    }

    [Fact]
    public void A_cancel_kills_the_compilers()
    {
        using var project = SdkProject.Patch();
        project.Build("-t:ProbeKernel").Succeeded();
        var started = Path.Combine(project.Root, "started");
        var launcher = project.Write("../slow.sh", $"#!/bin/sh\necho $$ > '{started}'\nexec sleep 300\n");
        CCompiler.Run("chmod", "/", "+x", launcher);
        using var build = new SdkProcess(project, "build", "-p:KlpCompilerLauncher=" + launcher);
        Assert.True(SpinWait.SpinUntil(() => File.Exists(started) && new FileInfo(started).Length > 0, TimeSpan.FromSeconds(60)), "The launcher was not started.");
        var compiler = File.ReadAllText(started).Trim();

        build.Interrupt();

        var code = build.Wait(TimeSpan.FromSeconds(30));
        Assert.NotNull(code);
        Assert.NotEqual(0, code);
        Assert.False(Directory.Exists("/proc/" + compiler), "The compiler outlived the build.");
        Assert.False(File.Exists(project.Module()));
    }

    [Theory]
    [InlineData("bin")]
    [InlineData("obj")]
    public void A_folder_that_cannot_be_made_is_a_coded_error(string name)
    {
        using var project = SdkProject.Patch();
        project.Write(name, "a file where a folder should be");

        project.Build().FailedWith("KLP0010");

        Assert.Equal("a file where a folder should be", File.ReadAllText(Path.Combine(project.Folder, name)));
    }

    private static byte[] CleanModule(string text)
    {
        using var project = SdkProject.Patch();
        project.Write("fix.c", text);
        project.Build().Succeeded();
        return File.ReadAllBytes(project.Module());
    }
}
