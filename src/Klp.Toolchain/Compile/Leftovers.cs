using System.Globalization;

namespace Klp.Toolchain;

/// <summary>Removes temporary files of builds that were killed. A running build's are left alone: their name says which process they belong to.</summary>
internal static class Leftovers
{
    /// <summary>Names are <c>file.&lt;pid in hex&gt;-&lt;guid&gt;.tmp</c>, with <c>.d</c> behind for dependency files.</summary>
    public static void Remove(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*.tmp*"))
        {
            var name = Path.GetFileName(path);
            name = name.EndsWith(".d", StringComparison.Ordinal) ? name[..^2] : name;
            var parts = name.Split('.');
            var owner = parts.Length >= 3 && parts[^1] == "tmp" ? parts[^2].Split('-')[0] : "";
            if (int.TryParse(owner, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var process) && !Directory.Exists($"/proc/{process}"))
            {
                Klp.Base.SafeFile.Discard(path);
            }
        }
    }
}
