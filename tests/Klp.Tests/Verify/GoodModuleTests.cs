using Klp.Base;
using Klp.Elf;
using Klp.TestKit;
using Klp.Verify;
using Xunit;

namespace Klp.Tests.Verify;

/// <summary>What is right must pass: otherwise every other test of the verifier would prove nothing.</summary>
public sealed class GoodModuleTests
{
    public static IEnumerable<object[]> EveryKernel => Kernels.NewestOfEachSeries;

    [Theory]
    [MemberData(nameof(EveryKernel))]
    public void A_good_module_has_no_finding(string release)
    {
        var kernel = Kernels.ByRelease(release);
        var module = VerifyBench.Good(kernel);
        Assert.Contains(module.Sections, s => s.Name == ".klp.rela.pktgen.text");
        Assert.Contains(module.Sections, s => s.Name == ".klp.rela.vmlinux.text");
        Assert.Empty(VerifyBench.Verify(VerifyBench.Input(module, kernel)));
    }

    [Theory]
    [MemberData(nameof(EveryKernel))]
    public void A_good_module_has_no_finding_when_little_is_known(string release)
    {
        var kernel = Kernels.ByRelease(release);
        var input = VerifyBench.Input(VerifyBench.Good(kernel), kernel) with { Profile = null, Index = null, Symvers = null, HoldsContract = false };
        Assert.Empty(VerifyBench.Verify(input));
    }

    /// <summary>The kernel's own modules are the widest collection of what compilers and linkers make; none of them may be called broken.</summary>
    [Fact]
    public void The_kernels_own_modules_are_not_refused()
    {
        var kernel = Kernels.BySeries("6.1");
        var finished = FinishedModule.For(kernel);
        var files = Directory.EnumerateFiles(Directory.ResolveLinkTarget(kernel.ModulesDirectory, true)?.FullName ?? kernel.ModulesDirectory, "*.ko", SearchOption.AllDirectories);
        var found = new System.Collections.Concurrent.ConcurrentBag<string>();
        Parallel.ForEach(files, file =>
        {
            var diagnostics = new DiagnosticBag();
            var module = CCompiler.Read(File.ReadAllBytes(file));
            Verifier.Verify(new VerifyInput { Module = module, ModuleFile = file, Rules = finished.Rules, Profile = finished.Profile, Symvers = finished.Symvers, HoldsContract = false }, diagnostics);

            // Debian's drivers may leave namespaces or retpoline to the distribution; errors are what counts.
            diagnostics.Where(d => d.Severity == Severity.Error).Take(3).ToList().ForEach(d => found.Add(d.ToString()));
        });
        Assert.True(found.IsEmpty, string.Join('\n', found.Order().Take(20)));
    }
}
