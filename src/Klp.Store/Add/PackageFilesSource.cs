using System.Text.RegularExpressions;
using Klp.Base;

namespace Klp.Store;

/// <summary>A kernel from Debian package files on disk: all that are given together make one. Library packages among them are for its build tools.</summary>
internal sealed partial class PackageFilesSource(StoreContext context, AddRequest request, IReadOnlyList<string> files)
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
        if (KernelStore.IsHere(context, release, diagnostics, out var here))
        {
            return here;
        }

        var manifest = new KernelManifest
        {
            Release = release,
            Architecture = DebianArchitecture.Find(headers.Architecture)?.Kernel ?? "",
            Origin = "deb",
            Compilers = Compilers(headers),
            BuildPackages = [.. packages.Where(p => IsKbuild(p.Package.Name)).SelectMany(p => p.Package.Depends).Select(d => d[0].Name).Where(n => n != "libc6" && !n.StartsWith("linux-", StringComparison.Ordinal))],
            ToolsArchitecture = packages.Find(p => IsKbuild(p.Package.Name)).Package?.Architecture ?? "",
        };
        if (request.IsDryRun)
        {
            return new AddedKernel(release, false, manifest);
        }

        return await EntryWork.AddAsync(context, diagnostics, async work =>
        {
            context.Say($"Unpacking {release}");
            var kernel = packages.Where(p => !DebianKernels.IsLibrary(p.Package.Name)).Select(p => p.File).ToArray();
            var draft = new EntryDraft(Path.Combine(work, EntryWork.Kernel), release);
            if (await PackageUnpacker.UnpackAsync(kernel, draft.Root, diagnostics, cancellation).ConfigureAwait(false) is not { } unpacked)
            {
                return null;
            }

            return await EntryFinisher.FinishAsync(draft, manifest with { Packages = unpacked }, () => LibrariesAsync(packages, manifest.ToolsArchitecture, work, diagnostics, cancellation), request.IsPortable, diagnostics, cancellation).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    private static bool IsKbuild(string name) => name.StartsWith("linux-kbuild-", StringComparison.Ordinal);

    private static Package? Headers(List<(string File, Package Package)> packages, DiagnosticBag diagnostics)
    {
        var headers = packages.Select(p => p.Package).Where(p => p.Name.StartsWith("linux-headers-", StringComparison.Ordinal) && ReleaseOf(p.Name) is not null).ToList();
        var releases = packages.Select(p => ReleaseOf(p.Package.Name)).OfType<string>().Distinct().ToArray();
        if (headers.Count == 1 && releases.Length == 1)
        {
            return headers[0];
        }

        // An image of another kernel would be unpacked and never found again.
        diagnostics.Error(
            "KLP0270", packages.Count > 0 ? packages[0].File : null,
            releases.Length > 1 ? $"These packages are of {releases.Length} kernels ({string.Join(", ", releases)})." : headers.Count > 1 ? $"{headers[0].Name} is given more than once." : "None of these packages holds a kernel's headers, so no module can be built with them.",
            releases.Length > 1 ? "Add them one kernel at a time." : headers.Count > 1 ? "Give each package once." : "Give linux-headers-<release> and what it depends on as well.");
        return null;
    }

    /// <summary>The release that a package of one kernel has in its name; null for what several share (common headers, tools) and for meta packages (linux-image-amd64).</summary>
    private static string? ReleaseOf(string name) =>
        OfOneKernel().Match(name) is { Success: true } match && ReleaseName.IsUsable(match.Groups[1].Value) ? match.Groups[1].Value : null;

    /// <summary>What the headers name: gcc-12, or linux-compiler-gcc-12-x86, which stands for it; for another architecture than the tools' its cross compiler.</summary>
    private string[] Compilers(Package headers)
    {
        var cross = DebianArchitecture.Find(headers.Architecture) is { } target && target != context.Host ? "-" + target.CrossPrefix : "";
        return [.. headers.Depends.SelectMany(d => d).Select(d => Compiler().Match(d.Name)).Where(m => m.Success).Select(m => $"gcc-{m.Groups[1].Value}{cross}").Distinct()];
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

    private async Task<string?> LibrariesAsync(List<(string File, Package Package)> packages, string toolsArchitecture, string work, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var libraries = packages.Where(p => DebianKernels.IsLibrary(p.Package.Name)).Select(p => p.File).ToArray();
        if (context.Host is { } host && toolsArchitecture != host.Debian)
        {
            diagnostics.Error(
                "KLP0279", packages.Find(p => IsKbuild(p.Package.Name)).File, $"The build tools in this package are programs for {toolsArchitecture} and do not start on this machine.",
                $"Give the linux-kbuild package of {host.Debian} in its place; the other packages stay those of the kernel's architecture.");
            return null;
        }

        if (libraries.Length == 0 && request.IsPortable)
        {
            diagnostics.Error("KLP0279", SourcePlace.None, "--portable keeps the build tools' own C library with the kernel, and its package is not among the files given.", "Give libc6, libelf1 and the other libraries of the linux-kbuild package as files too, or leave --portable out.");
            return null;
        }

        var folder = Path.Combine(work, "libraries");
        return libraries.Length > 0 && await PackageUnpacker.UnpackAsync(libraries, folder, diagnostics, cancellation).ConfigureAwait(false) is not null ? folder : null;
    }

    [GeneratedRegex(@"^linux-(?:headers|image|binary|modules|base)-(\d+\.\d+.*?)(?<!-common(?:-rt)?)(?:-unsigned|-dbg)?$")]
    private static partial Regex OfOneKernel();

    [GeneratedRegex(@"^(?:linux-compiler-)?gcc-(\d+)(?:-|$)")]
    private static partial Regex Compiler();
}
