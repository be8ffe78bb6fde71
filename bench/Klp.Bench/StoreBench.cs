using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Klp.TestKit;
using Spectre.Console;

namespace Klp.Bench;

/// <summary>
/// The <c>store</c> command: <c>klp kernel add</c> from package files on disk into an empty store, round after round, and what the entry then takes.
/// </summary>
internal static class StoreBench
{
    private const double SecondsLimit = 15, MebibytesLimit = 250;

    /// <param name="folder">Package files; those of one version are one kernel.</param>
    public static async Task<int> RunAsync(int rounds, string folder, string tool, IReadOnlyDictionary<string, string> environment, string? output)
    {
        var kernels = (Directory.Exists(folder) ? Directory.GetFiles(folder, "linux-*.deb") : []).GroupBy(f => Path.GetFileName(f).Split('_')[1]).OrderBy(g => g.Key, StringComparer.Ordinal).ToList();
        if (kernels.Count == 0)
        {
            throw new InvalidOperationException($"{folder} has no packages of a kernel. Fetch one there: apt-get download linux-headers-R linux-headers-R-common linux-image-R linux-kbuild-S");
        }

        var stopwatches = new Stopwatches(environment, environment["PATH"]);
        var text = new StringBuilder().AppendLine(CultureInfo.InvariantCulture, $"## klp kernel add from files on disk, {rounds} rounds, {Environment.ProcessorCount} cores").AppendLine()
            .AppendLine("| kernel | packages MiB | median s | min s | should be under s | MiB without modules | should be under MiB | modules MiB | modules | copies among them |").AppendLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach (var files in kernels)
        {
            text.AppendLine(await RowAsync(stopwatches, [.. files], tool, rounds));
        }

        var file = output ?? Repository.Combine("bench", "results", "store.md");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        await File.WriteAllTextAsync(file, text.ToString());
        AnsiConsole.WriteLine(text.ToString());
        return 0;
    }

    private static async Task<string> RowAsync(Stopwatches stopwatches, string[] files, string tool, int rounds)
    {
        var store = Directory.CreateTempSubdirectory("klp-bench-store-").FullName;
        try
        {
            var series = new Series("add", []);

            // One round that does not count: it reads the packages into the page cache.
            for (var round = 0; round <= rounds; round++)
            {
                Directory.Delete(store, recursive: true);
                var seconds = await stopwatches.SecondsAsync("/", "dotnet", [tool, "kernel", "add", .. files, "--store", store]);
                if (round > 0)
                {
                    series.Seconds.Add(seconds);
                }
            }

            var entry = Directory.GetDirectories(store).Single(d => File.Exists(Path.Combine(d, "kernel.seal")));
            var (modules, rest) = Split(entry);
            var copies = modules.Count - modules.Select(Digest).Distinct().Count();
            return string.Create(CultureInfo.InvariantCulture,
                $"| {Path.GetFileName(entry)} | {Mebibytes(files):0} | {series.Median:0.0} | {series.Minimum:0.0} | {SecondsLimit:0} | {Mebibytes(rest):0} | {MebibytesLimit:0} | {Mebibytes(modules):0} | {modules.Count} | {copies} |");
        }
        finally
        {
            Directory.Delete(store, recursive: true);
        }
    }

    private static (List<string> Modules, List<string> Others) Split(string entry)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        var files = Directory.EnumerateFiles(entry, "*", options).ToLookup(f => Path.GetFileName(f).Contains(".ko", StringComparison.Ordinal));
        return ([.. files[true]], [.. files[false]]);
    }

    private static string Digest(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexString(SHA256.HashData(stream));
    }

    /// <summary>As the file system counts them: whole blocks of 4 KiB.</summary>
    private static double Mebibytes(IEnumerable<string> files) => files.Sum(f => (new FileInfo(f).Length + 4095) / 4096) / 256.0;
}
