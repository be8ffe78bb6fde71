namespace Klp.Kernel;

/// <summary>Names of what can be patched, as the kernel has them: <c>vmlinux</c>, or a module's name with '_' for '-'.</summary>
public static class ObjectName
{
    public const string Vmlinux = "vmlinux";

    private static readonly string[] Suffixes = [".ko.xz", ".ko.gz", ".ko.zst", ".ko", ".o"];

    /// <summary>A module's name or file as the kernel's name of it: folder and <c>.ko</c>, <c>.ko.xz</c>… gone, '-' replaced.</summary>
    public static string Normalise(string name)
    {
        name = name[(name.LastIndexOf('/') + 1)..];
        var suffix = Array.Find(Suffixes, s => name.Length > s.Length && name.EndsWith(s, StringComparison.Ordinal));
        return name[..(name.Length - (suffix?.Length ?? 0))].Replace('-', '_');
    }
}
