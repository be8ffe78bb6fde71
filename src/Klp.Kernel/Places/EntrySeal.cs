using System.Globalization;
using Klp.Base;

namespace Klp.Kernel;

/// <summary>
/// The quick look at a kernel of the store before it is used: <c>kernel.seal</c> holds the sizes of the files that decide what a module becomes.
/// An entry without seal and manifest was laid out by hand and is taken as it is. The full check, content by content, is <c>klp kernel verify</c>.
/// </summary>
public static class EntrySeal
{
    public const string FileName = "kernel.seal";

    /// <summary>Written last into an entry, so an entry with a manifest and no seal is no whole one.</summary>
    private const string Manifest = "kernel.json";

    /// <summary>The seal's text for an entry's files, by paths relative to it.</summary>
    public static string Make(string entry, IEnumerable<string> paths) =>
        string.Concat(paths.Select(p => string.Create(CultureInfo.InvariantCulture, $"{new FileInfo(Path.Combine(entry, p)).Length} {p}\n")));

    /// <summary>True where the entry of a release may be used; else KLP0275.</summary>
    public static bool Check(string store, string release, DiagnosticBag diagnostics)
    {
        var entry = Path.Combine(store, release);
        var seal = new FileInfo(Path.Combine(entry, FileName));
        var hasManifest = File.Exists(Path.Combine(entry, Manifest));
        if (!seal.Exists && !hasManifest)
        {
            return true;
        }

        var wrong = !seal.Exists ? $"{FileName} is missing" : !hasManifest ? $"{Manifest} is missing" : Difference(entry, seal.FullName);
        if (wrong is null)
        {
            return true;
        }

        diagnostics.Error(
            "KLP0275", entry, $"The kernel {release} of the store is damaged: {wrong}.",
            $"See what has changed: klp kernel verify {release}. Fetch it again: klp kernel remove {release}, then klp kernel add {release}.");
        return false;
    }

    private static string? Difference(string entry, string seal)
    {
        string[] lines;
        try
        {
            lines = new FileInfo(seal).Length > 0 ? File.ReadAllLines(seal) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{FileName} cannot be read";
        }

        foreach (var line in lines)
        {
            var blank = line.IndexOf(' ', StringComparison.Ordinal);
            if (blank <= 0 || !long.TryParse(line.AsSpan(0, blank), NumberStyles.None, CultureInfo.InvariantCulture, out var size))
            {
                return $"{FileName} holds a line that is none of its own";
            }

            var path = line[(blank + 1)..];
            var file = new FileInfo(Path.Combine(entry, path));
            if (!file.Exists || file.Length != size)
            {
                return file.Exists ? string.Create(CultureInfo.InvariantCulture, $"{path} has {file.Length} bytes where {size} belong") : $"{path} is missing";
            }
        }

        return lines.Length == 0 ? $"{FileName} is empty" : null;
    }
}
