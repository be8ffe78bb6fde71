using System.Text;

namespace Klp.Toolchain;

/// <summary>What kbuild answered: lists of words, single values, and the variables of its tools.</summary>
internal sealed record ProbeAnswer(
    IReadOnlyDictionary<string, IReadOnlyList<string>> Lists, IReadOnlyDictionary<string, string> Values, IReadOnlyDictionary<string, string> ToolVariables)
{
    public IReadOnlyList<string> List(string name) => Lists.TryGetValue(name, out var words) ? words : [];

    public string Value(string name) => Values.TryGetValue(name, out var value) ? value : "";

    /// <summary>Reads the two files the probe's rule wrote; null where they are not complete.</summary>
    public static ProbeAnswer? Parse(byte[] lists, byte[] values)
    {
        var parsedLists = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        List<string>? current = null;
        foreach (var word in Encoding.UTF8.GetString(lists).Split('\0'))
        {
            if (word.StartsWith('@') && ProbeKbuild.Lists.Contains(word[1..]))
            {
                parsedLists[word[1..]] = current = [];
            }
            else if (word.Length > 0)
            {
                // printf prints an empty list as one empty word, which no flag is.
                current?.Add(word);
            }
        }

        var parsedValues = new Dictionary<string, string>(StringComparer.Ordinal);
        var tools = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in Encoding.UTF8.GetString(values).Split('\n'))
        {
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && line[0] == '@' && ProbeKbuild.ToolVariables.Contains(line[1..equals]))
            {
                tools[line[1..equals]] = line[(equals + 1)..];
            }
            else if (equals > 0)
            {
                parsedValues[line[..equals]] = line[(equals + 1)..];
            }
        }

        var complete = parsedLists.Count == ProbeKbuild.Lists.Count && ProbeKbuild.Values.All(parsedValues.ContainsKey);
        return complete ? new ProbeAnswer(parsedLists, parsedValues, tools.Where(t => t.Value.Length > 0).ToDictionary()) : null;
    }
}
