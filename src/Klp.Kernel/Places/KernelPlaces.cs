namespace Klp.Kernel;

/// <summary>
/// Where kernel build trees lie on a machine: our store first, then the places of the distributions. The SDK's evaluation looks in the same
/// places in the same order (targets/Klp.KernelFiles.targets); this list exists for the messages.
/// </summary>
public static class KernelPlaces
{
    /// <summary>Every release with a build tree, in the order found, each once.</summary>
    /// <param name="store">The kernel store; it may not exist.</param>
    /// <param name="root">Stands before the places of the running system; empty for the real one.</param>
    public static IReadOnlyList<KernelPlace> Find(string store, string root)
    {
        var places = new Dictionary<string, KernelPlace>(StringComparer.Ordinal);
        void Collect(string folder, string prefix, string inside)
        {
            foreach (var directory in Folders(folder))
            {
                var name = Path.GetFileName(directory);
                if (!name.StartsWith(prefix, StringComparison.Ordinal) || !HasTree(Path.Combine(directory, inside)))
                {
                    continue;
                }

                var release = name[prefix.Length..];
                places.TryAdd(release, new KernelPlace(release, Path.Combine(directory, inside).TrimEnd('/')));
            }
        }

        Collect(store, "", "build");
        Collect(root + "/lib/modules", "", "build");
        Collect(root + "/usr/src", "linux-headers-", "");
        Collect(root + "/usr/src/kernels", "", "");
        return [.. places.Values.OrderBy(p => p.Release, StringComparer.Ordinal)];
    }

    /// <summary>The paths in which the tree of one release is looked for.</summary>
    public static IReadOnlyList<string> Candidates(string release, string store, string root) =>
    [
        $"{store}/{release}/build", $"{root}/lib/modules/{release}/build", $"{root}/usr/src/linux-headers-{release}", $"{root}/usr/src/kernels/{release}",
    ];

    // Debian's shared half (linux-headers-…-common) has a Makefile too, but was never configured.
    private static bool HasTree(string directory) =>
        File.Exists(Path.Combine(directory, "Makefile")) && File.Exists(Path.Combine(directory, "include/generated/utsrelease.h"));

    private static string[] Folders(string path)
    {
        try
        {
            return Directory.Exists(path) ? Directory.GetDirectories(path) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
