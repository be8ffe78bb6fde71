using Klp.Base;
using Klp.Kernel;

namespace Klp.Store;

/// <summary>An entry that is being made: its <c>/</c>, and which parts of it are the tree, the image and the modules.</summary>
/// <param name="Directory">The entry's folder, still under a name of work.</param>
internal sealed record EntryDraft(string Directory, string Release)
{
    // What decides what a module becomes; a change of any would give a module that the kernel refuses, or worse.
    private static readonly string[] Sealed =
    [
        "Makefile", ".config", "Module.symvers", "include/config/auto.conf", "include/generated/autoconf.h", "include/generated/utsrelease.h", "scripts/module.lds", "scripts/mod/modpost", "scripts/basic/fixdep", "arch/x86/module.lds", "arch/arm64/module.lds", "arch/powerpc/module.lds", "arch/s390/module.lds",
    ];

    public string Root => Path.Combine(Directory, EntryLayout.Root);

    /// <summary>Links <c>build</c>, <c>image</c> and <c>modules</c> to what the packages brought; KLP0270 where there is no tree, a warning where the rest is missing.</summary>
    public bool Link(DiagnosticBag diagnostics)
    {
        string[] trees = [$"usr/src/linux-headers-{Release}", $"usr/src/kernels/{Release}", $"lib/modules/{Release}/build", $"usr/lib/modules/{Release}/build"];
        string[] images = [$"boot/vmlinuz-{Release}", $"boot/vmlinux-{Release}", $"usr/lib/modules/{Release}/vmlinuz", $"lib/modules/{Release}/vmlinuz", $"usr/lib/modules/{Release}/vmlinux", $"boot/Image-{Release}", $"boot/image-{Release}"];
        string[] modules = [$"lib/modules/{Release}", $"usr/lib/modules/{Release}"];
        var tree = trees.FirstOrDefault(t => File.Exists(Path.Combine(Root, t, "Makefile")));
        if (tree is null)
        {
            diagnostics.Error("KLP0270", SourcePlace.None, $"What was given holds no build tree (headers) of {Release}.", "Give the kernel's headers package too: linux-headers-… (Debian), kernel-devel (Fedora), kernel-default-devel (SUSE).");
            return false;
        }

        LinkTo(EntryLayout.Build, tree);
        if (images.FirstOrDefault(i => File.Exists(Path.Combine(Root, i))) is { } image)
        {
            LinkTo(EntryLayout.Image, image);
        }

        if (modules.FirstOrDefault(m => System.IO.Directory.Exists(Path.Combine(Root, m, "kernel"))) is { } folder)
        {
            LinkTo(EntryLayout.Modules, folder);
        }

        var missing = new[] { EntryLayout.Image, EntryLayout.Modules }.Where(n => !Path.Exists(Path.Combine(Directory, n))).ToArray();
        if (missing.Length > 0)
        {
            diagnostics.Warning(
                "KLP0281", SourcePlace.None, $"The kernel {Release} has no {string.Join(" and no ", missing)}, so symbols that it does not export cannot be placed and it cannot be booted.",
                "Give its image package too (linux-image-…, kernel-core), or set KlpKernelImageFile and KlpKernelModulesDirectory in the project.");
        }

        return true;
    }

    /// <summary>Writes the manifest, the list of contents and, last, the seal.</summary>
    public bool Seal(KernelManifest manifest, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        if (!SafeFile.WriteText(Path.Combine(Directory, KernelManifest.FileName), manifest.ToJson(), diagnostics))
        {
            return false;
        }

        var list = ContentList.Format(ContentList.Read(Directory, cancellation));
        return SafeFile.WriteText(Path.Combine(Directory, ContentList.FileName), list, diagnostics)
            && SafeFile.WriteText(Path.Combine(Directory, EntrySeal.FileName), SealText(Directory), diagnostics);
    }

    /// <summary>What the seal of an entry says.</summary>
    internal static string SealText(string entry)
    {
        var paths = Sealed.Select(s => EntryLayout.Build + "/" + s).Where(p => File.Exists(Path.Combine(entry, p))).ToList();
        if (File.Exists(Path.Combine(entry, EntryLayout.Image)))
        {
            paths.Add(Path.GetRelativePath(entry, RealPath.Of(Path.Combine(entry, EntryLayout.Image))));
        }

        return EntrySeal.Make(entry, [.. paths, KernelManifest.FileName, ContentList.FileName]);
    }

    private void LinkTo(string name, string place) => File.CreateSymbolicLink(Path.Combine(Directory, name), EntryLayout.Root + "/" + place);
}
