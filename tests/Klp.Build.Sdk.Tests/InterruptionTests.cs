using System.Diagnostics;
using System.Globalization;
using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests;

/// <summary>A cancelled build ends its compilers, and one that cannot write says so. Kills and concurrent builds: <see cref="KillTests"/>.</summary>
public sealed class InterruptionTests
{
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

        build.Cancel();

        var code = build.Wait(TimeSpan.FromSeconds(30));
        Assert.NotNull(code);
        Assert.NotEqual(0, code);
        Assert.False(Directory.Exists("/proc/" + compiler), "The compiler outlived the build.");
        Assert.False(File.Exists(project.Module()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Builds_of_several_kernels_that_are_ended_in_their_compilers_end_without_a_word_about_a_mistake_of_ours(bool isKilled)
    {
        using var project = ManyProject.Create();
        project.Build("-t:ProbeKernel", "-p:TargetKernels=", "-p:TargetKernel=" + ManyProject.Old.Release).Succeeded();
        project.Build("-t:ProbeKernel", "-p:TargetKernels=", "-p:TargetKernel=" + ManyProject.Young.Release).Succeeded();
        var started = Path.Combine(project.Root, "started");
        var launcher = project.Write("../slow.sh", $"#!/bin/sh\necho $PPID >> '{started}'\nexec sleep 300\n");
        CCompiler.Run("chmod", "/", "+x", launcher);
        using var build = new SdkProcess(project, "build", "-m:2", "-tl:off", "-p:KlpCompilerLauncher=" + launcher);
        string[] Nodes() => File.Exists(started) ? File.ReadAllLines(started) : [];
        Assert.True(SpinWait.SpinUntil(() => Nodes().Length == 2, TimeSpan.FromSeconds(60)), "The launchers were not started.\n" + build.Text);

        if (isKilled)
        {
            // As the kernel does where memory is short: it takes one of the two processes that compile.
            var worker = Nodes().Single(n => File.ReadAllText($"/proc/{n}/cmdline").Contains("nodemode", StringComparison.Ordinal));
            Process.GetProcessById(int.Parse(worker, CultureInfo.InvariantCulture)).Kill();
        }
        else
        {
            build.Interrupt();
        }

        var code = build.Wait(TimeSpan.FromSeconds(60));
        Assert.True(code is not (null or 0), build.Text);
        Assert.DoesNotContain("KLP0", build.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("MSB4181", build.Text, StringComparison.Ordinal);
        Assert.True(isKilled == build.Text.Contains("MSB4166", StringComparison.Ordinal), build.Text);
        Assert.False(Directory.Exists(Path.Combine(project.Folder, "bin")));
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
}
