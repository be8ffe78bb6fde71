using System.IO.Enumeration;

namespace Klp.Kernel;

/// <summary>
/// <c>Kernels</c> metadata: a <c>;</c> list of wildcards over the release. A leading <c>!</c> excludes; an empty list means every kernel, and so does one
/// that only excludes, but for what it excludes.
/// </summary>
public static class KernelPattern
{
    public static bool Matches(string patterns, string release)
    {
        var words = patterns.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var excluded = words.Where(w => w[0] == '!').Select(w => w[1..]);
        var included = words.Where(w => w[0] != '!').ToArray();
        return (included.Length == 0 || included.Any(Fits)) && !excluded.Any(Fits);

        bool Fits(string pattern) => FileSystemName.MatchesSimpleExpression(pattern, release, ignoreCase: false);
    }
}
