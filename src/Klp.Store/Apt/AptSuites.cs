using System.Text.RegularExpressions;

namespace Klp.Store;

/// <summary>In which suites a kernel is looked for where none is named: this machine's own, then those that its release's name points to, then the others.</summary>
internal static partial class AptSuites
{
    private static readonly string[] Releases = ["oldstable", "stable", "testing", "unstable"];

    private static readonly Dictionary<string, string> ByNumber = new(StringComparer.Ordinal) { ["11"] = "bullseye", ["12"] = "bookworm", ["13"] = "trixie", ["14"] = "forky" };

    /// <summary>The suite of an alias that the store keeps, such as <c>debian12</c>; null for other words.</summary>
    public static string? OfAlias(string word) => word.StartsWith("debian", StringComparison.Ordinal) ? ByNumber.GetValueOrDefault(word["debian".Length..]) : null;

    /// <param name="own">This machine's suite; may be empty.</param>
    /// <param name="word">Release, series, or <c>newest</c>, which means the newest of this machine's suite.</param>
    public static IReadOnlyList<string> ToSearch(string own, string word)
    {
        if (word == "newest")
        {
            return [own.Length > 0 ? own : "stable"];
        }

        // 6.12.117+deb12-amd64 says for which Debian release it was made; what testing has is often newer than that release is old.
        var hint = DebianNumber().Match(word) is { Success: true } match && ByNumber.TryGetValue(match.Groups[1].Value, out var name) ? name : null;
        return [.. new[] { own, hint, hint == ByNumber["14"] ? "unstable" : null }.Concat(Releases).OfType<string>().Where(s => s.Length > 0).Distinct()];
    }

    [GeneratedRegex(@"\+deb(\d+)")]
    private static partial Regex DebianNumber();
}
