using System.Text;
using System.Text.RegularExpressions;
using Klp.Base;

namespace Klp.Store;

/// <summary>A kernel from a tree on disk: one that was built, or what the running system has of its own kernel. All that is needed is copied.</summary>
/// <param name="origin">For the manifest.</param>
internal sealed partial class TreeSource(StoreContext context, AddRequest request, string origin)
{
    /// <summary>The running kernel's tree, image and modules; null with KLP0280 where its headers are not here.</summary>
    public async Task<AddedKernel?> AddRunningAsync(DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var file = context.Root + "/proc/sys/kernel/osrelease";
        var release = File.Exists(file) ? (await File.ReadAllTextAsync(file, cancellation).ConfigureAwait(false)).Trim() : "";
        string[] trees = [$"{context.Root}/lib/modules/{release}/build", $"{context.Root}/usr/src/linux-headers-{release}", $"{context.Root}/usr/src/kernels/{release}"];
        var tree = release.Length == 0 ? null : trees.FirstOrDefault(t => File.Exists(Path.Combine(t, "Makefile")));
        if (tree is null)
        {
            diagnostics.Error(
                "KLP0280", SourcePlace.None, release.Length == 0 ? "The running kernel does not say its release." : $"The headers of the running kernel {release} are not on this machine: {trees[0]} does not exist.",
                $"Fetch it from the archive: klp kernel add {(release.Length == 0 ? "newest" : release)}. Or install its headers first.");
            return null;
        }

        string[] images = [$"{context.Root}/boot/vmlinuz-{release}", $"{context.Root}/boot/vmlinux-{release}", $"{context.Root}/lib/modules/{release}/vmlinuz"];
        return await AddAsync(tree, images.FirstOrDefault(IsReadable), $"{context.Root}/lib/modules/{release}", diagnostics, cancellation).ConfigureAwait(false);
    }

    /// <summary>A tree; its image and modules are where its build left them.</summary>
    public Task<AddedKernel?> AddTreeAsync(string tree, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        string[] images = ["arch/x86/boot/bzImage", "arch/s390/boot/bzImage", "arch/arm64/boot/Image", "arch/arm64/boot/Image.gz", "vmlinux"];
        return AddAsync(tree, images.Select(i => Path.Combine(tree, i)).FirstOrDefault(IsReadable), null, diagnostics, cancellation);
    }

    private async Task<AddedKernel?> AddAsync(string tree, string? image, string? modules, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        if (Release(tree, diagnostics) is not { } release)
        {
            return null;
        }

        if (TreeCopier.SourceOf(RealPath.Of(tree), out var vanished) is not { } source)
        {
            diagnostics.Error("KLP0273", tree, $"This folder's Makefile includes {vanished}, which does not exist: the kernel's sources are gone or have moved.", "Bring them back to that place, or build the kernel again where they are now.");
            return null;
        }

        var manifest = new KernelManifest { Release = release, Architecture = StoreEntry.ArchitectureOf(tree), Origin = origin, From = tree, ToolsArchitecture = context.Host?.Debian ?? "" };
        if (KernelStore.IsHere(context, release, diagnostics, out var here) || request.IsDryRun)
        {
            return here ?? (diagnostics.HasErrors ? null : new AddedKernel(release, false, manifest));
        }

        return await EntryWork.AddAsync(context, diagnostics, work =>
        {
            context.Say($"Copying {release} from {tree}");
            var draft = new EntryDraft(Path.Combine(work, EntryWork.Kernel), release);
            var build = RealPath.Of(tree);
            new TreeCopier(build, source, KbuildName(manifest.Architecture), Path.Combine(draft.Root, "usr/src/kernels", release)).Copy(cancellation);
            if (image is not null)
            {
                TreeCopier.CopyFile(image, Path.Combine(draft.Root, "boot", "vmlinuz-" + release));
            }

            CopyModules(modules ?? build, modules is not null, Path.Combine(draft.Root, "lib/modules", release));
            return EntryFinisher.FinishAsync(draft, manifest, () => Task.FromResult<string?>(null), false, diagnostics, cancellation);
        }).ConfigureAwait(false);
    }

    /// <summary>Installed modules as they lie; those of a built tree, with the lists its build wrote, below <c>kernel/</c>.</summary>
    private static void CopyModules(string from, bool areInstalled, string to)
    {
        if (!Directory.Exists(from))
        {
            return;
        }

        // build and source of an installed folder are links, which are not followed.
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };
        foreach (var file in Directory.EnumerateFiles(from, "*", options))
        {
            var path = Path.GetRelativePath(from, file);
            if (areInstalled ? !path.StartsWith("vmlinu", StringComparison.Ordinal) : Path.GetExtension(path) == ".ko")
            {
                TreeCopier.CopyFile(file, Path.Combine(to, areInstalled ? "" : "kernel", path));
            }
        }

        foreach (var list in areInstalled ? [] : new[] { "modules.builtin", "modules.builtin.modinfo", "modules.order" }.Where(l => SpecialFile.IsRegular(Path.Combine(from, l))))
        {
            TreeCopier.CopyFile(Path.Combine(from, list), Path.Combine(to, list));
            if (list != "modules.builtin.modinfo")
            {
                // modules_install writes them so: paths below kernel/, objects as modules.
                var lines = File.ReadAllLines(Path.Combine(from, list)).Select(l => l.StartsWith("kernel/", StringComparison.Ordinal) ? l : "kernel/" + l).Select(l => Path.ChangeExtension(l, ".ko"));
                File.WriteAllLines(Path.Combine(to, list), lines);
            }
        }
    }

    private static string? Release(string tree, DiagnosticBag diagnostics)
    {
        if (!Directory.Exists(tree))
        {
            diagnostics.Error(
                "KLP0273", tree, File.Exists(tree) ? "This file is no kernel: neither a package (.deb, .rpm) nor a folder with a kernel tree." : "There is no such file or folder.",
                "Give package files, or a kernel tree that was built (make), or the build folder of one (O=).");
            return null;
        }

        string[] needed = ["Makefile", ".config", "Module.symvers", "include/config/auto.conf", "include/generated/autoconf.h", "include/generated/utsrelease.h"];
        var missing = needed.Where(n => !SpecialFile.IsRegular(Path.Combine(tree, n))).ToArray();
        var release = missing.Contains(needed[^1]) ? null : ReleaseLine().Match(SafeFile.Read(Path.Combine(tree, needed[^1]), diagnostics) is { } text ? Encoding.UTF8.GetString(text) : "") is { Success: true } match ? match.Groups[1].Value : null;
        if (missing.Length == 0 && release is not null && ReleaseName.IsUsable(release))
        {
            return release;
        }

        diagnostics.Error(
            "KLP0273", tree, missing.Length > 0 ? $"No modules can be built with this folder: {string.Join(", ", missing)} {(missing.Length == 1 ? "is" : "are")} missing." : "This tree does not say its kernel's release.",
            "Give a kernel tree that was built (make), or the build folder of one (O=).");
        return null;
    }

    private static string KbuildName(string architecture) => architecture switch { "x86_64" => "x86", "aarch64" => "arm64", "ppc64le" => "powerpc", "s390x" => "s390", "riscv64" => "riscv", "loongarch64" => "loongarch", _ => "x86" };

    // Some distributions let only root read the image.
    private static bool IsReadable(string path)
    {
        try
        {
            using var file = SpecialFile.IsRegular(path) ? File.OpenRead(path) : null;
            return file is not null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [GeneratedRegex("""^\s*#\s*define\s+UTS_RELEASE\s+"([^"]+)"\s*$""", RegexOptions.Multiline)]
    private static partial Regex ReleaseLine();
}
