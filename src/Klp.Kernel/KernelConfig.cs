using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Klp.Base;

namespace Klp.Kernel;

/// <summary>
/// CONFIG_ values of a kernel, from the tree's <c>include/config/auto.conf</c> (what kbuild itself reads; /boot/config may be another kernel's).
/// </summary>
/// <remarks>
/// Keys are without <c>CONFIG_</c>. Strings are quoted in the file up to 5.x and not since 6.1; one pair of quotes is removed.
/// The text is searched as it stands: a build asks for a dozen of the 7,000 options, so no table is made until somebody enumerates.
/// </remarks>
public sealed class KernelConfig : IReadOnlyDictionary<string, string>
{
    private const string Prefix = "CONFIG_";
    private readonly Lazy<Dictionary<string, string>> _all;

    public KernelConfig(string text)
    {
        Text = text.StartsWith('\n') ? text : "\n" + text;
        _all = new Lazy<Dictionary<string, string>>(ReadAll);
    }

    /// <summary>The file's text, with a line end before its first line.</summary>
    public string Text { get; }

    public int Count => _all.Value.Count;

    public IEnumerable<string> Keys => _all.Value.Keys;

    public IEnumerable<string> Values => _all.Value.Values;

    public string this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"CONFIG_{key} is not set.");

    /// <summary>Reads <c>auto.conf</c>; null with KLP0011 where that is not possible.</summary>
    public static KernelConfig? Read(string path, DiagnosticBag diagnostics) =>
        SafeFile.Read(path, diagnostics) is { } bytes ? new KernelConfig(System.Text.Encoding.UTF8.GetString(bytes)) : null;

    /// <summary>Built in or as a module.</summary>
    public bool IsSet(string option) => TryGetValue(option, out var value) && value is "y" or "m";

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        var start = Text.IndexOf("\n" + Prefix + key + "=", StringComparison.Ordinal);
        if (start < 0)
        {
            value = null;
            return false;
        }

        start += Prefix.Length + key.Length + 2;
        var end = Text.IndexOf('\n', start);
        value = Unquote(Text.AsSpan(start, (end < 0 ? Text.Length : end) - start)).ToString();
        return true;
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _all.Value.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static ReadOnlySpan<char> Unquote(ReadOnlySpan<char> value)
    {
        value = value.TrimEnd('\r');
        return value is ['"', .., '"'] ? value[1..^1] : value;
    }

    private Dictionary<string, string> ReadAll()
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in Text.AsSpan().EnumerateLines())
        {
            var equals = line.IndexOf('=');
            if (equals > Prefix.Length && line.StartsWith(Prefix, StringComparison.Ordinal))
            {
                // The first definition wins, as in TryGetValue.
                all.TryAdd(line[Prefix.Length..equals].ToString(), Unquote(line[(equals + 1)..]).ToString());
            }
        }

        return all;
    }
}
