using System.Globalization;
using System.Text;
using Klp.Base;
using Klp.Kernel;

namespace Klp.Store;

/// <summary>
/// Every file and link of an entry with its content's digest: <c>kernel.files</c>. A line is <c>digest size x|- path</c>, or <c>link target</c> and the path
/// separated by a tab, sorted by path.
/// </summary>
internal static class ContentList
{
    public const string FileName = "kernel.files";

    /// <summary>The lines by path. Unreadable files are an error of the caller's to report.</summary>
    public static SortedDictionary<string, string> Read(string entry, CancellationToken cancellation)
    {
        var files = new List<string>();
        Collect(entry, "", files);
        var lines = new string[files.Count];
        Parallel.For(0, files.Count, new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Math.Max(2, Environment.ProcessorCount) }, i => lines[i] = Describe(entry, files[i]));
        return new SortedDictionary<string, string>(files.Zip(lines).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal), StringComparer.Ordinal);
    }

    public static string Format(IEnumerable<KeyValuePair<string, string>> lines) => string.Concat(lines.Select(l => $"{l.Value}\t{l.Key}\n"));

    public static Dictionary<string, string> Parse(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t', 2)).Where(p => p.Length == 2).DistinctBy(p => p[1]).ToDictionary(p => p[1], p => p[0], StringComparer.Ordinal);

    private static void Collect(string entry, string folder, List<string> files)
    {
        foreach (var item in new DirectoryInfo(Path.Combine(entry, folder)).EnumerateFileSystemInfos())
        {
            var path = folder.Length == 0 ? item.Name : folder + "/" + item.Name;
            if (item is DirectoryInfo && item.LinkTarget is null)
            {
                Collect(entry, path, files);
            }
            else if (path is not (FileName or EntrySeal.FileName))
            {
                files.Add(path);
            }
        }
    }

    private static string Describe(string entry, string path)
    {
        var file = new FileInfo(Path.Combine(entry, path));
        if (file.LinkTarget is { } target)
        {
            return "link " + target;
        }

        var executable = (file.UnixFileMode & UnixFileMode.UserExecute) != 0 ? 'x' : '-';
        // What has no length is not opened: a pipe that somebody put there would never end.
        var digest = file.Length == 0 ? Digest.OfBytes([]) : Digest.OfFile(file.FullName) ?? "unreadable";
        return string.Create(CultureInfo.InvariantCulture, $"{digest} {file.Length} {executable}");
    }
}
