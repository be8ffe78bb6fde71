using System.Globalization;
using System.Text.RegularExpressions;

namespace Klp.Store;

/// <summary>A Debian package as an archive's index or its own control file describes it.</summary>
/// <param name="Architecture">Debian's name, or <c>all</c>.</param>
/// <param name="Depends"><c>Pre-Depends</c> and <c>Depends</c>.</param>
/// <param name="Size">Bytes of the .deb, 0 where unknown.</param>
/// <param name="Sha256">Of the .deb; empty where the archive does not say.</param>
public sealed partial record Package(string Name, string Version, string Architecture, IReadOnlyList<IReadOnlyList<Dependency>> Depends, long Size, string Sha256)
{
    /// <summary>A stanza as a package; null where it names no version or architecture, or not by words that packages have.</summary>
    public static Package? From(IReadOnlyDictionary<string, string> fields)
    {
        if (!fields.TryGetValue("Package", out var name) || !fields.TryGetValue("Version", out var version) || !fields.TryGetValue("Architecture", out var architecture))
        {
            return null;
        }

        // They become parts of file names and of apt's command line.
        if (!new[] { name, version, architecture }.All(w => Word().IsMatch(w)))
        {
            return null;
        }

        var depends = Dependency.Parse(fields.GetValueOrDefault("Pre-Depends", "")).Concat(Dependency.Parse(fields.GetValueOrDefault("Depends", ""))).ToArray();
        _ = long.TryParse(fields.GetValueOrDefault("Size"), NumberStyles.None, CultureInfo.InvariantCulture, out var size);
        return new Package(name, version, architecture, depends, size, fields.GetValueOrDefault("SHA256", ""));
    }

    /// <summary>What <c>apt-get</c> calls exactly this package.</summary>
    public string AptName => $"{Name}:{Architecture}={Version}";

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9.+~:_-]*$")]
    private static partial Regex Word();
}
