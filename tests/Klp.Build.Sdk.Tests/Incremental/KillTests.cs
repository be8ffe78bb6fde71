using System.Diagnostics;
using Klp.TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Klp.Build.Sdk.Tests.Incremental;

/// <summary>A build that is killed, or that another one runs beside, leaves no wrong module: neither half of one nor one that a later build takes for good.</summary>
public sealed class KillTests(Workbench bench, ITestOutputHelper output) : IClassFixture<Workbench>
{
    private const int Seed = 20240;

    private static readonly string[] s_marks = ["one", "two!", "three"];

    [Fact]
    public void Kills_at_any_moment_of_a_build_leave_no_half_module_and_the_next_build_is_right()
    {
        var kills = Soak.Rounds(50, whole: 2);
        bench.Settle();
        var duration = TimeCleanBuild();
        SetCache("cold");
        var coldDuration = TimeCleanBuild(1);
        var clock = Stopwatch.StartNew();
        output.WriteLine($"Seed {Seed}, {kills} kills within {duration.TotalMilliseconds:F0} ms, the time of a clean build; {coldDuration.TotalMilliseconds:F0} ms where the caches are empty.");

        // One in each part of the build's time, in random order; half of them during clean builds, half during builds of an edit.
        var random = new Random(Seed);
        var moments = Enumerable.Range(0, kills).Select(i => (i + random.NextDouble()) / kills).ToArray();
        random.Shuffle(moments);
        var (hit, made) = (0, 0);
        for (var i = 0; i < kills; i++)
        {
            bench.Project.Write("mark.h", $"#define MARK \"{s_marks[i % s_marks.Length]}\"\n");
            if (i % 2 == 0)
            {
                Wipe();
            }

            var before = File.Exists(bench.Project.Module()) ? bench.Module : null;
            // Each tenth with empty caches: half a profile or half an index of the kernel would spoil every build to come.
            var cold = i % 10 == 9;
            SetCache(cold ? $"cold{i}" : null);

            // Either all of it at once, or MSBuild alone: then its compilers live on and write into the next build's folder.
            var all = i % 4 < 2;
            using var build = new SdkProcess(bench.Project, "build");
            build.Wait((cold ? coldDuration : duration) * moments[i]);
            hit += (all ? build.KillAll() : build.Kill()) ? 1 : 0;

            var right = bench.CleanBuild();
            made += CheckOutput(before, right, i) ? 1 : 0;
            var next = bench.Project.Dotnet("build");
            Assert.True(next.ExitCode == 0, $"Kill {i}: the next build fails.\n{next.StandardOutput}{next.StandardError}");
            Assert.True(right.AsSpan().SequenceEqual(bench.Module), $"Kill {i}: the next build's module is not that of a clean build.");
            if (all)
            {
                Assert.Empty(Leftovers());
            }
        }

        SetCache(null);
        output.WriteLine($"{hit} builds were killed, {made} of them after the module was in place; {clock.Elapsed.TotalSeconds:F0} s.");
        Assert.True(hit > kills / 2, $"Only {hit} of {kills} builds were still running when they were to be killed.");
        Assert.Equal(["fix.ko"], Directory.GetFiles(Output()).Select(f => Path.GetFileName(f)!));
        Assert.Equal(0, bench.Project.Dotnet("clean").ExitCode);
        Assert.DoesNotContain(bench.Project.Files(), f => f.StartsWith("obj/", StringComparison.Ordinal) || f.StartsWith("bin/", StringComparison.Ordinal));
    }

    [Fact]
    public void Two_builds_of_one_project_at_the_same_time_both_succeed_and_leave_the_right_module()
    {
        bench.Settle();
        for (var round = 0; round < 4; round++)
        {
            bench.Project.Write("mark.h", $"#define MARK \"{s_marks[round % s_marks.Length]}\"\n");
            if (round % 2 == 0)
            {
                Wipe();
            }

            using var one = new SdkProcess(bench.Project, "build");
            Thread.Sleep(round * 60);
            using var two = new SdkProcess(bench.Project, "build");

            Assert.True(one.Wait(TimeSpan.FromMinutes(5)) == 0, one.Text);
            Assert.True(two.Wait(TimeSpan.FromMinutes(5)) == 0, two.Text);
            Assert.Equal(["fix.ko"], Directory.GetFiles(Output()).Select(f => Path.GetFileName(f)!));

            // A third one, alone, believes nothing wrong of what the two left.
            var right = bench.CleanBuild();
            Assert.True(right.AsSpan().SequenceEqual(bench.Module), $"Round {round}: the module is not that of a clean build.");
            bench.Project.Build().Succeeded();
            Assert.True(right.AsSpan().SequenceEqual(bench.Module), $"Round {round}: the module of the build after is not that of a clean build.");
            Assert.Empty(Leftovers());
        }
    }

    [Fact]
    public void Two_builds_at_the_same_time_that_want_different_things_leave_records_that_deceive_no_later_build()
    {
        bench.Settle();
        string[] other = ["-p:DebugSymbols=false", "-p:KlpCompilerOptions=-DMORE"];
        for (var round = 0; round < 3; round++)
        {
            bench.Project.Write("mark.h", $"#define MARK \"{s_marks[round]}\"\n");
            using (var one = new SdkProcess(bench.Project, "build"))
            using (var two = new SdkProcess(bench.Project, ["build", .. other]))
            {
                // Either may fail where the other takes a file from under it; a wrong module without an error is what must not be.
                Assert.NotNull(one.Wait(TimeSpan.FromMinutes(5)));
                Assert.NotNull(two.Wait(TimeSpan.FromMinutes(5)));
                CheckOutput(bench.CleanBuild(), bench.CleanBuild(other), round);
            }

            bench.Project.Build().Succeeded();
            Assert.True(bench.CleanBuild().AsSpan().SequenceEqual(bench.Module), $"Round {round}: the module is not that of a clean build.");
        }
    }

    /// <summary>The module is whole: that of before or that of a finished build. Whether it is the latter.</summary>
    private bool CheckOutput(byte[]? before, byte[] after, int round)
    {
        if (!File.Exists(bench.Project.Module()))
        {
            Assert.True(before is null, $"Round {round}: the module is gone.");
            return false;
        }

        var now = bench.Module;
        var isNew = now.AsSpan().SequenceEqual(after);
        Assert.True(isNew || (before is not null && now.AsSpan().SequenceEqual(before)), $"Round {round}: the module in bin/ is neither the one of before nor a finished one.");

        // A file that was being written has a name that nobody takes for a module.
        Assert.All(Directory.GetFiles(Output()), f => Assert.True(f.EndsWith("/fix.ko", StringComparison.Ordinal) || f.EndsWith(".tmp", StringComparison.Ordinal), f));
        return isNew;
    }

    /// <summary>A cache folder of this name, empty at first; null for the one that all tests share.</summary>
    private void SetCache(string? name) => bench.Project.Environment["XDG_CACHE_HOME"] = name is null ? SdkProject.Cache : Path.Combine(bench.Project.Root, name);

    private TimeSpan TimeCleanBuild(int count = 3)
    {
        var times = new List<TimeSpan>();
        for (var i = 0; i < count; i++)
        {
            Wipe();
            var clock = Stopwatch.StartNew();
            Assert.Equal(0, bench.Project.Dotnet("build").ExitCode);
            times.Add(clock.Elapsed);
        }

        return times.Min();
    }

    private void Wipe()
    {
        foreach (var folder in new[] { "bin", "obj" }.Select(f => Path.Combine(bench.Project.Folder, f)).Where(Directory.Exists))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private string Output() => Path.GetDirectoryName(bench.Project.Module())!;

    private IEnumerable<string> Leftovers() => bench.Project.Files().Where(f => f.Contains(".tmp", StringComparison.Ordinal) && !f.EndsWith("fix.tmp.ko", StringComparison.Ordinal) && !f.EndsWith("fix.tmp.ko.state", StringComparison.Ordinal));
}
