using System.Text.RegularExpressions;
using Klp.Base;

namespace Klp.Store;

/// <summary>A kernel from .rpm files on disk: all that are given together make one.</summary>
internal sealed partial class RpmFilesSource(StoreContext context, AddRequest request, IReadOnlyList<string> files)
{
    // The release is known only from what is inside; where it turns out that nothing is to be added, this is the answer.
    private AddedKernel? _known;

    public async Task<AddedKernel?> AddAsync(DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var missing = files.Where(f => !File.Exists(f)).ToArray();
        foreach (var file in missing)
        {
            diagnostics.Error("KLP0267", file, "This file does not exist.", "Check the path.");
        }

        return missing.Length > 0 ? null : await EntryWork.AddAsync(context, diagnostics, work => BuildAsync(work, diagnostics, cancellation)).ConfigureAwait(false) ?? _known;
    }

    private async Task<KernelManifest?> BuildAsync(string work, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        context.Say($"Unpacking {string.Join(", ", files.Select(f => Path.GetFileName(f)))}");
        var root = Path.Combine(work, EntryWork.Kernel, EntryLayout.Root);
        Directory.CreateDirectory(root);
        var target = new UnpackTarget(root, cancellation);
        foreach (var file in files)
        {
            if (!await RpmFile.UnpackAsync(context, file, target, diagnostics, cancellation).ConfigureAwait(false))
            {
                return null;
            }
        }

        if (!target.Finish(diagnostics) || Release(root, diagnostics) is not { } release || KernelStore.IsHere(context, release, diagnostics, out _known))
        {
            return null;
        }

        var manifest = new KernelManifest { Release = release, Architecture = "", Origin = "rpm", Packages = [.. files.Select(Describe)] };
        if (request.IsDryRun)
        {
            _known = new AddedKernel(release, false, manifest);
            return null;
        }

        return await EntryFinisher.FinishAsync(new EntryDraft(Path.Combine(work, EntryWork.Kernel), release), manifest, () => Task.FromResult<string?>(null), false, diagnostics, cancellation).ConfigureAwait(false);
    }

    private static string? Release(string root, DiagnosticBag diagnostics)
    {
        var found = new[] { "usr/src/kernels", "lib/modules", "usr/lib/modules" }.Select(f => Path.Combine(root, f)).Where(Directory.Exists).SelectMany(Directory.GetDirectories)
            .Select(d => Path.GetFileName(d)!).Where(ReleaseName.IsUsable).Distinct().ToArray();
        if (found.Length == 1)
        {
            return found[0];
        }

        diagnostics.Error(
            "KLP0270", SourcePlace.None, found.Length == 0 ? "None of these packages holds a kernel's headers or modules." : $"These packages are of {found.Length} kernels ({string.Join(", ", found)}).",
            found.Length == 0 ? "Give kernel-devel and kernel-core (SUSE: kernel-default-devel, kernel-devel, kernel-default)." : "Add them one kernel at a time.");
        return null;
    }

    // name-version-release.architecture.rpm; the file's own header says no more than that about a kernel.
    private static Package Describe(string file)
    {
        var match = FileName().Match(Path.GetFileName(file));
        return new Package(match.Success ? match.Groups[1].Value : Path.GetFileName(file), match.Groups[2].Value, match.Groups[3].Value, [], new FileInfo(file).Length, Digest.OfFile(file) ?? "");
    }

    [GeneratedRegex(@"^(.+)-([^-]+-[^-]+)\.([^.]+)\.rpm$")]
    private static partial Regex FileName();
}
