using Klp.Base;
using Klp.Kernel;

namespace Klp.Store;

/// <summary>A kernel of the store.</summary>
/// <param name="Architecture">As <c>uname -m</c> says it; empty where neither manifest nor configuration tells.</param>
/// <param name="Manifest">Null for an entry laid out by hand, or one whose manifest is damaged.</param>
public sealed record StoreEntry(string Release, string Directory, string Architecture, KernelManifest? Manifest)
{
    public string BuildDirectory => Path.Combine(Directory, EntryLayout.Build);

    /// <summary>Without it the entry is damaged: nothing can be built with it.</summary>
    public bool HasTree => System.IO.Directory.Exists(BuildDirectory);

    public bool HasImage => File.Exists(Path.Combine(Directory, EntryLayout.Image));

    public bool HasModules => System.IO.Directory.Exists(Path.Combine(Directory, EntryLayout.Modules, "kernel"));

    internal static StoreEntry Read(string store, string release)
    {
        var directory = Path.Combine(store, release);
        var file = Path.Combine(directory, KernelManifest.FileName);
        // An empty one says nothing, and a pipe, which has no length either, would never end.
        var manifest = new FileInfo(file) is { Exists: true, Length: > 0 } && SafeFile.Read(file, []) is { } json ? KernelManifest.Parse(json) : null;
        return new StoreEntry(release, directory, manifest?.Architecture ?? ArchitectureOf(Path.Combine(directory, EntryLayout.Build)), manifest);
    }

    /// <summary>What a tree's configuration says.</summary>
    internal static string ArchitectureOf(string tree)
    {
        var path = Path.Combine(tree, "include/config/auto.conf");
        if (!SpecialFile.IsRegular(path) || KernelConfig.Read(path, []) is not { } config)
        {
            return "";
        }

        (string Option, string Name)[] known = [("X86_64", "x86_64"), ("ARM64", "aarch64"), ("PPC64", "ppc64le"), ("S390", "s390x"), ("RISCV", "riscv64"), ("LOONGARCH", "loongarch64")];
        return known.FirstOrDefault(k => config.IsSet(k.Option)).Name ?? "";
    }
}
