using Klp.Base;

namespace Klp.Store;

/// <summary>
/// The archives that apt's source files name (sources.list(5), both forms). apt itself tells only of archives whose lists it has read, which a fresh
/// container has not.
/// </summary>
internal static class AptSourceFiles
{
    /// <summary>Archives and the suites named for them, in the order of the files.</summary>
    /// <param name="root">Stands before /etc.</param>
    public static IReadOnlyList<(string Uri, string Suite)> Read(string root)
    {
        var folder = root + "/etc/apt/sources.list.d";
        string[] parts = Directory.Exists(folder) ? [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal)] : [];
        var found = new List<(string, string)>();
        foreach (var file in parts.Prepend(root + "/etc/apt/sources.list").Where(File.Exists))
        {
            if (SafeFile.Read(file, []) is not { } bytes)
            {
                continue;
            }

            var text = System.Text.Encoding.UTF8.GetString(bytes);
            found.AddRange(file.EndsWith(".sources", StringComparison.Ordinal) ? Stanzas(text) : file.EndsWith(".list", StringComparison.Ordinal) ? Lines(text) : []);
        }

        return found;
    }

    // deb [options] uri suite components
    private static IEnumerable<(string, string)> Lines(string text) =>
        text.Split('\n').Select(l => l.Trim()).Where(l => l.StartsWith("deb ", StringComparison.Ordinal) || l.StartsWith("deb\t", StringComparison.Ordinal)).Select(l =>
        {
            var rest = l[3..].Trim();
            rest = rest.StartsWith('[') ? rest[(rest.IndexOf(']', StringComparison.Ordinal) + 1)..] : rest;
            return rest.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        }).Where(w => w.Length >= 2).Select(w => (w[0].TrimEnd('/'), w[1]));

    private static IEnumerable<(string, string)> Stanzas(string text)
    {
        var withoutComments = string.Join('\n', text.Split('\n').Where(l => !l.StartsWith('#')));
        foreach (var fields in withoutComments.Split("\n\n").Select(s => s.Split('\n').Select(l => l.Split(':', 2)).Where(p => p.Length == 2).GroupBy(p => p[0].Trim()).ToDictionary(g => g.Key, g => g.First()[1].Trim(), StringComparer.OrdinalIgnoreCase)))
        {
            if (!fields.GetValueOrDefault("Types", "").Split(' ').Contains("deb") || fields.GetValueOrDefault("Enabled", "yes") is "no" or "false")
            {
                continue;
            }

            foreach (var uri in Words(fields, "URIs"))
            {
                foreach (var suite in Words(fields, "Suites"))
                {
                    yield return (uri.TrimEnd('/'), suite);
                }
            }
        }
    }

    private static string[] Words(Dictionary<string, string> fields, string name) => fields.GetValueOrDefault(name, "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
