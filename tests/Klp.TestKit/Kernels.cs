using System.Text.RegularExpressions;

namespace Klp.TestKit;

/// <summary>
/// The kernels that <c>eng/kernels.sh</c> (<c>klp kernel add</c>) brought. A kernel that is not there fails the test that asks for it: nothing is skipped.
/// </summary>
public static partial class Kernels
{
    /// <summary>The store: environment <c>KLP_KERNEL_STORE</c>, else <c>klp/kernels</c> in the user's cache folder.</summary>
    public static string Store { get; } = FindStore();

    /// <summary>
    /// The kernels any test may take, oldest first; at least one: Debian's plain ones for this machine, with image and modules, and with the compiler that built them.
    /// </summary>
    public static IReadOnlyList<TestKernel> All => Some(Bootable.Where(k => k.HasItsCompiler), "No kernel with its compiler is");

    /// <summary>The same without regard to the compiler: also those of a newer Debian, which are compiled for with what is here.</summary>
    public static IReadOnlyList<TestKernel> Bootable => Some(List().Where(k => k is { IsWhole: true, IsPlain: true, IsForeign: false }), "No kernel is");

    /// <summary>Debian's <c>cloud</c> and <c>rt</c> builds for this machine, with image and modules.</summary>
    public static IReadOnlyList<TestKernel> Flavours => Some(List().Where(k => k is { IsWhole: true, IsPlain: false, IsForeign: false }), "No cloud or rt kernel is");

    /// <summary>Plain kernels of other machines, of which there are the headers: one for each machine and series, the newest.</summary>
    public static IReadOnlyList<TestKernel> Foreign => Some(
        List().Where(k => k is { IsForeign: true, IsPlain: true }).GroupBy(k => (k.Series, k.Architecture)).Select(g => g.Last()), "No kernel of another machine is");

    /// <summary>
    /// The small kernels that <c>eng/test-kernels.sh</c> built, which can be livepatched on machines where Debian's cannot; they lie in a store of their own. None of a machine is an error.
    /// </summary>
    public static IReadOnlyList<TestKernel> Small => [.. ((string[])["s390x", "ppc64le", "arm64"]).Select(machine => List(SmallStore).LastOrDefault(k => k.Architecture?.Name == machine)
        ?? throw new InvalidOperationException($"No kernel for {machine} that can be livepatched is in {SmallStore}. Run `eng/test-kernels.sh` in the repository: it builds them."))];

    /// <summary>The newest of <see cref="All"/>.</summary>
    public static TestKernel Newest => All[^1];

    /// <summary>The newest kernel of a series such as <c>6.1</c>.</summary>
    public static TestKernel BySeries(string series) =>
        Bootable.LastOrDefault(k => k.Series == series) ?? throw Missing($"No {series} kernel is");

    /// <summary>The newest kernel of another machine (<c>arm64</c>, <c>ppc64le</c>, <c>s390x</c>) of a series.</summary>
    public static TestKernel ByMachine(string machine, string series) =>
        Foreign.LastOrDefault(k => k.Architecture!.Name == machine && k.Series == series) ?? throw Missing($"No {series} kernel for {machine} is");

    /// <summary>The kernel of exactly this release.</summary>
    public static TestKernel ByRelease(string release) =>
        List().Concat(List(SmallStore)).FirstOrDefault(k => k.Release == release) ?? throw Missing($"The kernel {release} is not");

    /// <summary>One row per series of <see cref="All"/> with its newest kernel, for <c>[MemberData]</c>: the releases as strings, so that runners can name the rows.</summary>
    public static IEnumerable<object[]> NewestOfEachSeries => Rows(All);

    /// <summary>Rows of <see cref="NewestBootableOfEachSeries"/>, and in the whole run of the small kernels of other machines.</summary>
    /// <param name="what">What the ordinary run does without, for its report.</param>
    public static IEnumerable<object[]> NewestBootableAndSmall(string what) => [.. NewestBootableOfEachSeries, .. SmallIn(what).Select(k => new object[] { k.Release })];

    /// <summary>The small kernels in the whole run, none in the ordinary one.</summary>
    public static IReadOnlyList<TestKernel> SmallIn(string what) => Tier.Includes(what + " on arm64, ppc64le and s390x") ? Small : [];

    /// <summary>The same of <see cref="Bootable"/>.</summary>
    public static IEnumerable<object[]> NewestBootableOfEachSeries => Rows(Bootable);

    private static IEnumerable<object[]> Rows(IEnumerable<TestKernel> kernels) => kernels.GroupBy(k => k.Series).Select(g => new object[] { g.Last().Release });

    private static List<TestKernel> Some(IEnumerable<TestKernel> kernels, string what) => kernels.ToList() is { Count: > 0 } some ? some : throw Missing(what);

    private static List<TestKernel> List(string? store = null)
    {
        if (!Directory.Exists(store ?? Store))
        {
            return [];
        }

        return Directory.GetDirectories(store ?? Store)
            .Select(d => new TestKernel(Path.GetFileName(d), Path.Combine(d, "build"), Path.Combine(d, "image"), Path.Combine(d, "modules")))
            .Where(k => File.Exists(Path.Combine(k.BuildDirectory, "Makefile")) && k.Architecture is not null)
            .OrderBy(k => SortKey(k.Release), StringComparer.Ordinal)
            .ToList();
    }

    /// <summary>Numbers padded, so that 6.12 sorts after 6.9.</summary>
    private static string SortKey(string release) => Number().Replace(release, m => m.Value.PadLeft(10, '0'));

    private static InvalidOperationException Missing(string what) =>
        new($"{what} in {Store}. Run `eng/kernels.sh all` in the repository: it downloads and unpacks the kernels of the tests.");

    private static string SmallStore => Environment.GetEnvironmentVariable("KLP_TEST_KERNELS") is { Length: > 0 } store
        ? Path.GetFullPath(store) : Path.Combine(Path.GetDirectoryName(Store)!, "test-kernels");

    private static string FindStore()
    {
        if (Environment.GetEnvironmentVariable("KLP_KERNEL_STORE") is { Length: > 0 } store)
        {
            return Path.GetFullPath(store);
        }

        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg
            ? xdg
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(cache, "klp", "kernels");
    }

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Number();
}
