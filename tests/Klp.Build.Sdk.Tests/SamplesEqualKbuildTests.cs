using System.Collections.Concurrent;
using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests;

/// <summary>
/// Every sample, built by <c>dotnet build</c>, is the module that the kernel's own make builds of the same sources: for the newest kernel of every series, also where its
/// compiler is not here; in the whole run also for Debian's cloud and rt kernels and for the small kernels of other machines.
/// </summary>
public sealed class SamplesEqualKbuildTests
{
    // It is there to fail: two functions of one name and no position.
    private const string MeantToFail = "ambiguous";

    // Its two variables are of drivers that other machines have not.
    private const string OnlyX86 = "annotated";

    private static readonly string s_samples = Repository.Combine("samples");

    private static IEnumerable<string> Samples => Directory.EnumerateDirectories(s_samples)
        .Select(d => Path.GetFileName(d))
        .Where(n => n != MeantToFail && File.Exists(Path.Combine(s_samples, n, n + ".klpproj")));

    public static TheoryData<string> Releases() =>
    [
        .. Kernels.NewestBootableOfEachSeries.Select(r => (string)r[0]),
        .. Tier.Includes("the samples held against kbuild's for the cloud and rt kernels") ? Kernels.Flavours.Select(k => k.Release) : [],
        .. Kernels.SmallIn("the samples held against kbuild's").Select(k => k.Release),
    ];

    [Theory]
    [MemberData(nameof(Releases))]
    public void Every_sample_is_the_module_kbuild_makes(string release)
    {
        var kernel = Kernels.ByRelease(release);
        var samples = Samples.Where(s => s != OnlyX86 || !kernel.IsForeign).ToArray();
        using var project = SdkProject.Empty(name: "copies");
        foreach (var file in Samples.Append(".").SelectMany(s => Directory.EnumerateFiles(Path.Combine(s_samples, s))))
        {
            var copy = Path.Combine(project.Root, Path.GetRelativePath(s_samples, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        var solution = Path.Combine(project.Root, "Samples.slnx");
        File.WriteAllLines(solution, File.ReadAllLines(solution).Where(l => !Samples.Except(samples).Any(s => l.Contains($"\"{s}/", StringComparison.Ordinal))));
        var build = project.Dotnet(project.Root, ["build", "Samples.slnx", "-nologo", "-p:TargetKernel=" + release, "-p:KlpKernelStore=" + kernel.Store]);
        // One patches what a kernel for virtual machines has not: the second of two symbols is in drivers/idle/intel_idle.c.
        string[] refused = kernel.IsForeign || kernel.IsSet("INTEL_IDLE") ? [] : [OnlyX86];
        Assert.True(build.ExitCode == refused.Length, build.StandardOutput + build.StandardError);
        Assert.All(Errors(build.StandardOutput), e => Assert.Contains("annotated.c(13,2): error KLP0353", e, StringComparison.Ordinal));
        Assert.Equal(!kernel.HasItsCompiler, build.StandardOutput.Contains("warning KLP0105", StringComparison.Ordinal));

        var wrong = new ConcurrentBag<string>();
        Parallel.ForEach(samples.Except(refused), sample =>
        {
            using var reference = Kbuild.BuildFolder(kernel, sample, Path.Combine(s_samples, sample), ["-I" + Repository.Combine("sdk", "Klp.Build.Sdk", "include")]);
            var ours = Path.Combine(project.Root, sample, "bin", release, sample + ".ko");
            var differences = ModuleComparer.Compare(CCompiler.Read(File.ReadAllBytes(ours)), CCompiler.Read(File.ReadAllBytes(reference.File)));
            if (differences.Count > 0)
            {
                wrong.Add($"{sample}:\n{string.Join('\n', differences)}");
            }
        });
        Assert.True(wrong.IsEmpty, string.Join('\n', wrong));
    }

    private static IEnumerable<string> Errors(string output) => output.Split('\n').Where(l => l.Contains("): error ", StringComparison.Ordinal));
}
