namespace Klp.Store;

/// <summary>Debian's control files (deb822): stanzas of <c>Field: value</c> lines, continued by lines that start with a blank.</summary>
public static class ControlFile
{
    /// <summary>The stanzas whose <c>Package</c> the filter takes, as fields; all other stanzas cost no more than a look.</summary>
    public static IEnumerable<IReadOnlyDictionary<string, string>> Read(string text, Func<string, bool> takes)
    {
        for (var at = 0; at < text.Length;)
        {
            var end = text.IndexOf("\n\n", at, StringComparison.Ordinal);
            end = end < 0 ? text.Length : end;
            if (Package(text.AsSpan(at, end - at)) is { } name && takes(name))
            {
                yield return Fields(text[at..end]);
            }

            at = end + 2;
        }
    }

    // Package is the first field in all archives, but nothing says that it must be.
    private static string? Package(ReadOnlySpan<char> stanza)
    {
        const string Field = "Package:";
        var start = stanza.TrimStart('\n').StartsWith(Field) ? stanza.IndexOf(Field, StringComparison.Ordinal) : stanza.IndexOf("\n" + Field, StringComparison.Ordinal) + 1;
        if (start <= 0 && !stanza.StartsWith(Field))
        {
            return null;
        }

        var rest = stanza[(start + Field.Length)..];
        var end = rest.IndexOf('\n');
        return (end < 0 ? rest : rest[..end]).Trim().ToString();
    }

    private static Dictionary<string, string> Fields(string stanza)
    {
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        string? last = null;
        foreach (var line in stanza.Split('\n'))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (line.Length > 0 && line[0] is ' ' or '\t')
            {
                if (last is not null)
                {
                    fields[last] += "\n" + line.Trim();
                }
            }
            else if (colon > 0)
            {
                last = line[..colon];
                fields[last] = line[(colon + 1)..].Trim();
            }
        }

        return fields;
    }
}
