using System.IO.Enumeration;

namespace Klp.Kernel;

/// <summary>
/// <c>Kernels</c> metadata: a <c>;</c> list of wildcards over the release, in which <c>*</c> is any characters and <c>?</c> is one; case counts. A leading
/// <c>!</c> excludes, wherever it stands in the list; an empty list means every kernel, and so does one that only excludes, but for what it excludes.
/// </summary>
public static class KernelPattern
{
    public static bool Matches(string patterns, string release)
    {
        var words = Words(patterns);
        var included = words.Where(w => w[0] != '!').ToArray();
        return (included.Length == 0 || included.Any(w => Fits(w, release))) && !words.Any(w => w[0] == '!' && Fits(w[1..].Trim(), release));
    }

    /// <summary>The including words that fit none of the releases, most likely misspelt. An excluding one may well stand for a kernel that is not built now.</summary>
    public static IReadOnlyList<string> MatchingNone(string patterns, IReadOnlyList<string> releases) =>
        [.. Words(patterns).Where(w => w[0] != '!' && !releases.Any(r => Fits(w, r)))];

    private static string[] Words(string patterns) => patterns.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static bool Fits(string pattern, string release) => FileSystemName.MatchesSimpleExpression(pattern, release, ignoreCase: false);
}
