using Klp.Base;

namespace Klp.Store;

/// <summary>A kernel from Debian package files on disk: all that are given together make one. Library packages among them are for its build tools.</summary>
internal sealed class PackageFilesSource(StoreContext context, AddRequest request, IReadOnlyList<string> files)
{
    public async Task<AddedKernel?> AddAsync(DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var packages = new List<(string File, Package Package)>();
        foreach (var file in files)
        {
            if (DebFile.Open(file, diagnostics) is { } deb)
            {
                packages.Add((file, deb.Package));
            }
        }

        if (packages.Count < files.Count || Headers(packages, diagnostics) is not { } headers || !IsWhole(headers, packages, diagnostics))
        {
            return null;
        }

        var release = headers.Name["linux-headers-".Length..];
        if (StoreFolder.Releases(context.Directory).Contains(release))
        {
            return new AddedKernel(release, true, StoreEntry.Read(context.Directory, release).Manifest);
        }

        var manifest = new KernelManifest
        {
            Release = release,
            Architecture = DebianArchitecture.Find(headers.Architecture)?.Kernel ?? "",
            Origin = "deb",
            Compilers = [.. headers.Depends.SelectMany(d => d).Select(d => d.Name).Where(n => n.StartsWith("gcc-", StringComparison.Ordinal))],
            BuildPackages = [.. packages.Where(p => IsKbuild(p.Package.Name)).SelectMany(p => p.Package.Depends).Select(d => d[0].Name).Where(n => n != "libc6" && !n.StartsWith("linux-", StringComparison.Ordinal))],
            ToolsArchitecture = packages.Find(p => IsKbuild(p.Package.Name)).Package?.Architecture ?? "",
        };
        if (request.IsDryRun)
        {
            return new AddedKernel(release, false, manifest);
        }

        return await EntryWork.AddAsync(context, release, diagnostics, async work =>
        {
            context.Say($"Unpacking {release}");
            var kernel = packages.Where(p => !DebianKernels.IsLibrary(p.Package.Name)).Select(p => p.File).ToArray();
            var draft = new EntryDraft(Path.Combine(work, EntryWork.Kernel), release);
            if (await PackageUnpacker.UnpackAsync(kernel, draft.Root, diagnostics, cancellation).ConfigureAwait(false) is not { } unpacked)
            {
                return null;
            }

            return await EntryFinisher.FinishAsync(draft, manifest with { Packages = unpacked }, () => LibrariesAsync(packages, work, diagnostics, cancellation), request.IsPortable, diagnostics, cancellation).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    private static bool IsKbuild(string name) => name.StartsWith("linux-kbuild-", StringComparison.Ordinal);

    private static Package? Headers(List<(string File, Package Package)> packages, DiagnosticBag diagnostics)
    {
        var headers = packages.Select(p => p.Package).Where(p => p.Name.StartsWith("linux-headers-", StringComparison.Ordinal) && !p.Name.EndsWith("-common", StringComparison.Ordinal) && !p.Name.EndsWith("-common-rt", StringComparison.Ordinal)).ToList();
        if (headers.Count == 1)
        {
            return headers[0];
        }

        diagnostics.Error(
            "KLP0270", packages.Count > 0 ? packages[0].File : null,
            headers.Count == 0 ? "None of these packages holds a kernel's headers, so no module can be built with them." : $"These packages are of {headers.Count} kernels ({string.Join(", ", headers.Select(h => h.Name))}).",
            headers.Count == 0 ? "Give linux-headers-<release> and what it depends on as well." : "Add them one kernel at a time.");
        return null;
    }

    /// <summary>All that is missing, at once.</summary>
    private static bool IsWhole(Package headers, List<(string File, Package Package)> packages, DiagnosticBag diagnostics)
    {
        var missing = headers.Depends.Where(d => d.Any(n => n.Name.StartsWith("linux-headers-", StringComparison.Ordinal) || IsKbuild(n.Name)))
            .Where(d => !d.Any(n => packages.Exists(p => p.Package.Name == n.Name && (n.ExactVersion is null || p.Package.Version == n.ExactVersion))))
            .Select(d => string.Join(" or ", d.Select(n => n.ExactVersion is null ? n.Name : $"{n.Name} {n.ExactVersion}"))).ToArray();
        if (missing.Length > 0)
        {
            diagnostics.Error("KLP0270", headers.Name, $"{headers.Name} {headers.Version} needs {string.Join(" and ", missing)}, which is not among the files given.", "Give these packages too; apt-get download fetches them.");
        }

        return missing.Length == 0;
    }

    private static async Task<string?> LibrariesAsync(List<(string File, Package Package)> packages, string work, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var libraries = packages.Where(p => DebianKernels.IsLibrary(p.Package.Name)).Select(p => p.File).ToArray();
        var folder = Path.Combine(work, "libraries");
        return libraries.Length > 0 && await PackageUnpacker.UnpackAsync(libraries, folder, diagnostics, cancellation).ConfigureAwait(false) is not null ? folder : null;
    }
}
