using System.Globalization;

namespace Klp.Base;

/// <summary>Removes temporary files of builds that were killed. A running build's are left alone: their name says which process they belong to.</summary>
public static class Leftovers
{
    /// <summary>Removes those of all files of a folder.</summary>
    public static void Remove(string folder) => Remove(folder, "*.tmp*");

    /// <summary>Removes those of one file.</summary>
    public static void RemoveOf(string path) => Remove(Path.GetDirectoryName(path)!, Path.GetFileName(path) + ".*.tmp");

    /// <summary>Names are <c>file.&lt;pid in hex&gt;-&lt;guid&gt;.tmp</c>, with <c>.d</c> behind for dependency files.</summary>
    private static void Remove(string folder, string pattern)
    {
        foreach (var path in Directory.EnumerateFiles(folder, pattern))
        {
            var name = Path.GetFileName(path);
            name = name.EndsWith(".d", StringComparison.Ordinal) ? name[..^2] : name;
            var parts = name.Split('.');
            var owner = parts.Length >= 3 && parts[^1] == "tmp" ? parts[^2].Split('-')[0] : "";
            if (int.TryParse(owner, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var process) && FileOwner.IsGone(process, File.GetLastWriteTimeUtc(path)))
            {
                SafeFile.Discard(path);
            }
        }
    }
}
