using Klp.Base;
using Klp.Guest;
using Klp.TestKit;
using Xunit;

namespace Klp.Guest.Tests;

/// <summary>
/// Every sample, for every kernel, built by <c>dotnet build</c> and proved in the booted kernel; one that patches a module in both orders. All of them
/// share one boot, one after another; only one that fails there boots alone again, which tells its own fault from a neighbour's.
/// </summary>
public class SampleTests(SampleBuilds builds) : IClassFixture<SampleBuilds>
{
    public static IEnumerable<object[]> Releases => Kernels.NewestBootableAndSmall("samples in a booted kernel");

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task Every_sample_loads_works_and_goes(string release)
    {
        var kernel = Kernels.ByRelease(release);
        var samples = Sample.All.Where(s => s.IsFor(kernel)).SelectMany(s => s.Orders).ToArray();
        Assert.True(samples.Length >= 6, "the samples are not here");
        var wrong = await TogetherAsync(kernel, samples);
        var report = new List<string>();
        foreach (var sample in wrong.Keys)
        {
            var alone = await TogetherAsync(kernel, [sample]);
            report.Add($"{sample.Title} on {release}, {(alone.Count > 0 ? "in a boot of its own" : "only in a boot with the others")}:\n  "
                + string.Join("\n  ", alone.GetValueOrDefault(sample, wrong[sample])));
        }

        Assert.True(report.Count == 0, string.Join("\n", report));
    }

    [Theory]
    [InlineData("meminfo")]
    [InlineData("late-module")]
    public async Task Dotnet_run_shows_before_with_and_after(string name)
    {
        var kernel = Kernels.Newest;
        var sample = Sample.All.Single(s => s.Name == name);
        await builds.ModuleAsync(sample, kernel);
        var result = await builds.DotnetAsync(name, "run", "--no-build", "-p:TargetKernel=" + kernel.Release);

        Assert.True(result.ExitCode == 0, result.StandardOutput + result.StandardError);
        var parts = result.StandardOutput.Split(["Before the patch:\n", $"With {name.Replace('-', '_')}:\n", "After it was unloaded:\n"], StringSplitOptions.None);
        Assert.Equal(4, parts.Length);
        Assert.All(parts.Skip(1).Zip((string[])[sample.Before, sample.With, sample.After]), p => Assert.Matches(p.Second, Unindent(p.First)));
    }

    [Fact]
    public async Task Dotnet_run_with_a_command_has_its_output_and_its_status()
    {
        var kernel = Kernels.Newest;
        var sample = Sample.All.Single(s => s.Name == "cmdline");
        await builds.ModuleAsync(sample, kernel);
        var result = await builds.DotnetAsync("cmdline", "run", "--no-build", "-p:TargetKernel=" + kernel.Release, "--", "sh", "-c", "cat /proc/cmdline; exit 42");

        Assert.Equal(42, result.ExitCode);
        Assert.Matches(sample.With, result.StandardOutput);
    }

    private static string Unindent(string text) => string.Concat(text.Split('\n').Select(l => (l.StartsWith("  ", StringComparison.Ordinal) ? l[2..] : l) + "\n")).TrimEnd('\n') + "\n";

    /// <summary>What an earlier sample left loaded would make a module early that is to come late.</summary>
    private static IEnumerable<GuestStep> Unload(Sample sample) => sample.LoadBefore.Concat(sample.LoadAfter)
        .Select(m => new GuestStep("unload " + m, $"[ ! -e /sys/module/{m} ] || rmmod {m}") { Role = GuestStepRole.Required });

    /// <summary>One boot for some samples. Returns those that did not do what they should, with what was wrong.</summary>
    private async Task<Dictionary<Sample, IReadOnlyList<string>>> TogetherAsync(TestKernel kernel, IReadOnlyList<Sample> samples)
    {
        var diagnostics = new DiagnosticBag();
        var requests = new List<(Sample Sample, PatchRunRequest Request)>();
        foreach (var sample in samples)
        {
            requests.Add((sample, sample.Run(kernel, await builds.ModuleAsync(sample, kernel), Machine.Request(kernel), diagnostics)));
        }

        Assert.Empty(diagnostics);
        var guest = Machine.Request(kernel) with
        {
            Steps = requests.SelectMany(r => Unload(r.Sample).Concat(PatchRun.Steps(r.Request)).Select(s => s with { Group = r.Sample.Title })).ToArray(),
            Modules = requests.SelectMany(r => PatchRun.Modules(r.Request)).DistinctBy(m => m.Name).ToArray(),
            Timeout = TimeSpan.FromMinutes(6),
            // As on a real machine, where addresses are another with each boot.
            UnpacksItself = true,
        };
        var boot = await GuestRunner.RunAsync(guest, diagnostics, CancellationToken.None);
        Assert.True(boot is not null, diagnostics.ToString());
        Assert.True(boot.LostBytes is not null || kernel.IsForeign, "Nobody counted what the machine sent, so what it lost would not be noticed.");
        var wrong = new Dictionary<Sample, IReadOnlyList<string>>();
        foreach (var (sample, request) in requests)
        {
            var found = sample.Judge(request, boot, boot.Steps.Where(s => s.Step.Group == sample.Title).ToArray());
            if (found.Count > 0 || boot.Verdict != GuestVerdict.Finished)
            {
                wrong[sample] = [.. found, .. diagnostics.Select(d => d.ToString())];
            }
        }

        return wrong;
    }
}
