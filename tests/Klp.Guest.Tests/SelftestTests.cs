using Klp.Base;
using Klp.Elf;
using Klp.Guest;
using Klp.TestKit;
using Xunit;

namespace Klp.Guest.Tests;

/// <summary>
/// The projects of <c>tests/selftests</c> against a module of our own: built, loaded after the target and before it, and judged by what the kernel
/// shows. All of them share one boot per kernel.
/// </summary>
public sealed class SelftestTests : IDisposable
{
    private const string Target = "klp_target";

    private readonly ProjectCopies _projects = new(Repository.Combine("tests", "selftests"), "Selftests.slnx");

    public static IEnumerable<object[]> Releases => [.. Kernels.NewestOfEachSeries, .. Kernels.SmallIn("selftests").Select(k => new object[] { k.Release })];

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task Every_selftest_works_with_the_target_loaded_before_and_after_it(string release)
    {
        using var target = Kbuild.BuildFolder(Kernels.ByRelease(release), Target, Repository.Combine("tests", "selftests", "target"));
        using var modules = new TemporaryFolder();
        var kernel = WithModule(Kernels.ByRelease(release), target.File, modules);
        var diagnostics = new DiagnosticBag();
        var runs = new List<(string Group, Sample Selftest, PatchRunRequest Request)>();
        foreach (var selftest in Sample.In(Repository.Combine("tests", "selftests")).Where(s => IsFor(s, kernel)))
        {
            var module = await _projects.ModuleAsync(selftest, kernel, "-p:KlpKernelModulesDirectory=" + kernel.ModulesDirectory);
            var late = selftest with { LoadBefore = [], LoadAfter = [Target], Before = "\\A(absent\\n)+\\z" };
            runs.AddRange(new[] { (selftest.Name + ", target first", selftest), (selftest.Name + ", target later", late) }
                .Select(r => (r.Item1, r.Item2, r.Item2.Run(kernel, module, Machine.Request(kernel), diagnostics))));
            Assert.Empty(MissingSections(selftest.Name, module));
        }

        Assert.Empty(diagnostics);
        Assert.Equal(kernel.IsForeign ? 2 : 8, runs.Count);
        var unload = new GuestStep("unload the target", $"[ ! -e /sys/module/{Target} ] || rmmod {Target}") { Role = GuestStepRole.Required };
        var guest = Machine.Request(kernel) with
        {
            Steps = [.. runs.SelectMany(r => PatchRun.Steps(r.Request, r.Group).Prepend(unload with { Group = r.Group }))],
            Modules = [.. runs.SelectMany(r => PatchRun.Modules(r.Request)).DistinctBy(m => m.Name)],
            Timeout = TimeSpan.FromMinutes(6),
        };
        var boot = await GuestRunner.RunAsync(guest, diagnostics, CancellationToken.None);
        Assert.Empty(diagnostics);
        Assert.Empty(runs.SelectMany(r => r.Selftest.Judge(r.Request, boot!, boot!.Steps.Where(s => s.Step.Group == r.Group).ToArray()).Select(w => r.Group + ": " + w)));
    }

    public void Dispose() => _projects.Dispose();

    // The others are about x86_64: which sections code and constant pointers lie in, and so whose they are, is the machine's, and the small kernels of other
    // machines have no scheduler statistics, whose key `keys` uses.
    private static bool IsFor(Sample selftest, TestKernel kernel) => !kernel.IsForeign || selftest.Name == "positions";

    /// <summary>The kernel with one more module in its folder of modules.</summary>
    private static TestKernel WithModule(TestKernel kernel, string module, TemporaryFolder folder)
    {
        foreach (var entry in new[] { "kernel", "modules.builtin", "modules.order" })
        {
            File.CreateSymbolicLink(folder.Combine(entry), Path.Combine(kernel.ModulesDirectory, entry));
        }

        folder.Write("extra/" + Path.GetFileName(module), File.ReadAllBytes(module));
        return kernel with { ModulesDirectory = folder.Path };
    }

    /// <summary>The relocation sections that the selftest is about and its module does not have.</summary>
    private static IEnumerable<string> MissingSections(string selftest, string module)
    {
        string[] wanted = selftest switch
        {
            "sections" => ["text", "text.unlikely", "text.mine", "text.per_function_one", "text.per_function_two", "text.per_function_sum"],
            "data" => ["text", "data", "data..read_mostly"],
            _ => ["text"],
        };
        var found = CCompiler.Read(File.ReadAllBytes(module)).Sections.Where(s => s.Size > 0).Select(s => s.Name).ToHashSet();
        return wanted.Select(w => $".klp.rela.{Target}.{w}").Concat(selftest == "keys" ? [".klp.rela.vmlinux.__jump_table"] : []).Where(w => !found.Contains(w))
            .Select(w => $"{selftest} has no {w}, but {string.Join(' ', found.Where(f => f.StartsWith(".klp.", StringComparison.Ordinal)))}");
    }
}
