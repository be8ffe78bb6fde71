using System.Globalization;
using Klp.Base;

namespace Klp.Build.Tasks;

/// <summary>
/// Which build of the tools this is: a change of the SDK runs every stage again. By size and time of our assemblies, since the dev lane's version stands still
/// while its code changes.
/// </summary>
internal static class ToolIdentity
{
    public static string Current()
    {
        var folder = Path.GetDirectoryName(typeof(ToolIdentity).Assembly.Location)!;
        return Digest.OfWords(new DirectoryInfo(folder).EnumerateFiles("Klp.*.dll").OrderBy(f => f.Name, StringComparer.Ordinal)
            .Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Name} {f.Length} {f.LastWriteTimeUtc.Ticks}")));
    }
}
