namespace Klp.Kernel;

/// <summary>Names of patchable objects: <c>vmlinux</c>, or a module as the running kernel calls it.</summary>
public static class ObjectName
{
    public const string Vmlinux = "vmlinux";

    /// <summary>
    /// The kernel's name of a module given by name, file or path: folder and <c>.ko</c>, <c>.ko.xz</c>, <c>.o</c>… go, <c>-</c> becomes <c>_</c>
    /// (scripts/Makefile.lib, name-fix).
    /// </summary>
    public static string Normalise(string name)
    {
        var start = name.LastIndexOf('/') + 1;
        var end = name.Length;
        foreach (var suffix in (ReadOnlySpan<string>)[".xz", ".gz", ".zst", ".bz2", ".lz4"])
        {
            if (name.EndsWith(".ko" + suffix, StringComparison.Ordinal))
            {
                end -= suffix.Length;
                break;
            }
        }

        var stem = name.AsSpan(start, end - start);
        stem = stem.EndsWith(".ko") ? stem[..^3] : stem.EndsWith(".o") ? stem[..^2] : stem;
        return stem.ToString().Replace('-', '_');
    }
}
