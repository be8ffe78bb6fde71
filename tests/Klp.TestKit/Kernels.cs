using System.Text.RegularExpressions;

namespace Klp.TestKit;

/// <summary>
/// The kernels that <c>eng/kernels.sh</c> unpacked. A kernel that is not there fails the test that asks for it: nothing is skipped.
/// </summary>
public static partial class Kernels
{
    /// <summary>The store: environment <c>KLP_KERNEL_STORE</c>, else <c>klp/kernels</c> in the user's cache folder.</summary>
    public static string Store { get; } = FindStore();

    /// <summary>Every kernel of the store, oldest first; at least one.</summary>
    public static IReadOnlyList<TestKernel> All => List() is { Count: > 0 } kernels ? kernels : throw Missing("No kernel is");

    /// <summary>The newest kernel of the store.</summary>
    public static TestKernel Newest => All[^1];

    /// <summary>The newest kernel of a series such as <c>6.1</c>.</summary>
    public static TestKernel BySeries(string series) =>
        List().LastOrDefault(k => k.Series == series) ?? throw Missing($"No {series} kernel is");

    /// <summary>The kernel of exactly this release.</summary>
    public static TestKernel ByRelease(string release) =>
        List().FirstOrDefault(k => k.Release == release) ?? throw Missing($"The kernel {release} is not");

    /// <summary>One row per series with its newest kernel, for <c>[MemberData]</c>: the releases as strings, so that runners can name the rows.</summary>
    public static IEnumerable<object[]> NewestOfEachSeries => All.GroupBy(k => k.Series).Select(g => new object[] { g.Last().Release });

    private static List<TestKernel> List()
    {
        if (!Directory.Exists(Store))
        {
            return [];
        }

        return Directory.GetDirectories(Store)
            .Select(d => new TestKernel(Path.GetFileName(d), Path.Combine(d, "build"), Path.Combine(d, "image"), Path.Combine(d, "modules")))
            .Where(k => File.Exists(k.ImageFile) && File.Exists(Path.Combine(k.BuildDirectory, "Makefile")) && Directory.Exists(k.ModulesDirectory))
            .OrderBy(k => SortKey(k.Release), StringComparer.Ordinal)
            .ToList();
    }

    /// <summary>Numbers padded, so that 6.12 sorts after 6.9.</summary>
    private static string SortKey(string release) => Number().Replace(release, m => m.Value.PadLeft(10, '0'));

    private static InvalidOperationException Missing(string what) =>
        new($"{what} in {Store}. Run `eng/kernels.sh all` in the repository: it downloads and unpacks the kernels of the tests.");

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
