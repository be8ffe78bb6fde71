using System.Diagnostics;
using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.TestKit;
using Klp.Toolchain;
using Xunit;

namespace Klp.Tests.Toolchain;

/// <summary>What the probe learns from real kernels, and when it believes what it learnt before.</summary>
public sealed class ProbeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Kernels.NewestOfEachSeries), MemberType = typeof(Kernels))]
    public async Task A_kernel_is_asked_once_in_little_time(string release)
    {
        var kernel = Kernels.ByRelease(release);
        var clock = Stopwatch.StartNew();
        var (profile, diagnostics) = await ProbeAsync(Request(kernel));
        var cold = clock.Elapsed;
        Assert.True(profile is not null, diagnostics.ToString());
        Assert.Empty(diagnostics);
        Assert.Equal(release, profile.Release);
        Assert.Equal("x86", profile.SourceArchitecture);
        Assert.Equal(ElfMachine.X86_64, profile.Machine);
        Assert.StartsWith(release + " SMP ", profile.Template.Vermagic, StringComparison.Ordinal);
        Assert.NotNull(profile.Template.Livepatch);
        Assert.True(profile.IsConfigured("LIVEPATCH"));
        Assert.All(profile.CompilerFlags, f => Assert.DoesNotContain("klp_probe", f, StringComparison.Ordinal));
        Assert.All(profile.CompilerFlags.Where(f => f.StartsWith("-I", StringComparison.Ordinal)), f => Assert.True(Directory.Exists(f[2..]), f));

        clock.Restart();
        var (again, _) = await ProbeAsync(Request(kernel));
        var warm = clock.Elapsed;
        Assert.Equal(profile.Digest, again!.Digest);
        Assert.Equal(profile.CompilerFlags, again.CompilerFlags);
        Assert.Equal(profile.Template.ThisModule, again.Template.ThisModule);
        Assert.Equal(profile.Template.Livepatch, again.Template.Livepatch);
        Assert.Equal(profile.Config["LIVEPATCH"], again.Config["LIVEPATCH"]);
        Assert.True(warm * 5 < cold, $"cold {cold.TotalMilliseconds:0} ms, cached {warm.TotalMilliseconds:0} ms");
    }

    private ProbeRequest Request(TestKernel kernel) => new()
    {
        BuildDirectory = kernel.BuildDirectory,
        CacheDirectory = Path.Combine(_folder.Path, "cache"),
        SearchPath = KernelProfiles.SearchPath,
    };

    private static async Task<(KernelProfile? Profile, DiagnosticBag Diagnostics)> ProbeAsync(ProbeRequest request)
    {
        var diagnostics = new DiagnosticBag();
        return (await KernelProbe.GetAsync(request, diagnostics, CancellationToken.None), diagnostics);
    }
}
