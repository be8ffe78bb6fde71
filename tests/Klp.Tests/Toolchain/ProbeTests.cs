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
        // That the compiler here is another release of the same major version is information, and no problem.
        Assert.DoesNotContain(diagnostics, d => (d.Id, d.Severity) != ("KLP0105", Severity.Information));
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

    [Fact]
    public async Task A_kbuild_that_runs_in_the_modules_folder_is_understood()
    {
        // As kbuild does since 6.13: CURDIR is M=, paths are absolute, and the module's folder has a prefix map of its own.
        var kernel = Kernels.BySeries("6.1");
        var real = ProcessRunner.FindOnPath("make", KernelProfiles.SearchPath, "/")!;
        using var tools = new ToolFolder();
        tools.Replace("make", $$"""
            "{{real}}" "$@" || exit $?
            for word; do case "$word" in KLP_OUT=*) out=${word#KLP_OUT=};; M=*) m=${word#M=};; esac; done
            tree={{RealPath.Of(kernel.BuildDirectory)}}
            sed -i -e "s#^CURDIR=.*#CURDIR=$m#" -e "s#^objtree=.*#objtree=$tree#" "$out.txt"
            sed -i -e "s#-I\./#-I$tree/#g" -e "s#\./tools/objtool#$tree/tools/objtool#g" -e "s#-D__KERNEL__#-D__KERNEL__\x00-fmacro-prefix-map=$m/=#g" "$out"
            """);
        var (profile, diagnostics) = await ProbeAsync(Request(kernel) with { SearchPath = tools.SearchPath });
        Assert.True(profile is not null, diagnostics.ToString());
        Assert.True(profile.WorksInModuleFolder);
        Assert.Equal(RealPath.Of(kernel.BuildDirectory), profile.WorkingDirectory);
        Assert.Contains($"-fmacro-prefix-map={KernelProfile.ModuleDirectoryPlaceholder}/=", profile.CompilerFlags);
        Assert.DoesNotContain(profile.CompilerFlags, f => f.Contains("klp-probe-", StringComparison.Ordinal));
        using var project = new SampleProject(kernel) { Profile = profile };
        project.Write("sample.c", SampleProject.Livepatch);
        var result = await project.CompileFullAsync(project.Request("sample.c"));
        Assert.Contains($"-fmacro-prefix-map={project.Directory}/=", Assert.Single(result!.Objects).Command);
        Assert.Empty(project.Diagnostics);
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
