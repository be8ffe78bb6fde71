using Klp.Base;

namespace Klp.Store;

/// <summary>Kernels from the Debian archive: looked up, fetched and made into entries.</summary>
internal sealed class DebianSource(StoreContext context, AddRequest request, AptMirror mirror, DebianArchitecture host)
{
    private readonly DebianArchitecture _target = request.Architecture ?? host;

    /// <summary>Adds what a word means (release, series, <c>newest</c>); null with the reason.</summary>
    public async Task<AddedKernel?> AddAsync(string word, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        if (await FindAsync(word, diagnostics, cancellation).ConfigureAwait(false) is not { } found)
        {
            return null;
        }

        var (suite, kernel) = found;
        var manifest = Manifest(suite, kernel);
        if (KernelStore.IsHere(context, kernel.Release, diagnostics, out var here))
        {
            return here is null ? null : here with { Manifest = here.Manifest ?? manifest };
        }

        if (request.IsDryRun)
        {
            return new AddedKernel(kernel.Release, false, manifest);
        }

        // An archive that changed since its lists were read is read once more; what it says then must hold.
        if (await DownloadAsync(suite, kernel, diagnostics, cancellation).ConfigureAwait(false) is not { } fetched)
        {
            return null;
        }

        (kernel, var files) = fetched;

        var added = await EntryWork.AddAsync(context, diagnostics, work => BuildAsync(suite, kernel, files, manifest, work, diagnostics, cancellation)).ConfigureAwait(false);
        if (added is null)
        {
            return null;
        }

        suite.Discard(kernel.Packages.Concat(kernel.ToolLibraries));
        return added;
    }

    private async Task<(AptSuite Suite, DebianKernel Kernel)?> FindAsync(string word, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var alias = request.Suite is null ? AptSuites.OfAlias(word) : null;
        var names = (request.Suite ?? alias) is { } named ? [named] : AptSuites.ToSearch(mirror.Suite, word);
        word = alias is null ? word : StoreAliases.Newest;
        var known = new List<string>();
        foreach (var name in names)
        {
            // A suite that is not on this mirror is no error while others can be searched.
            var said = new DiagnosticBag();
            if (AptSuite.Open(context, mirror, name, _target, host, said) is { } suite && await ReadAsync(suite, false, said, cancellation).ConfigureAwait(false) is { } kernels)
            {
                if (kernels.Find(word, request.Flavour) is null && !suite.IsFresh && (name == names[0]))
                {
                    kernels = await ReadAsync(suite, true, said, cancellation).ConfigureAwait(false) ?? kernels;
                }

                if (kernels.Find(word, request.Flavour) is { } release)
                {
                    diagnostics.AddRange(said);
                    return kernels.Describe(release, diagnostics) is { } kernel ? (suite, kernel) : null;
                }

                known.Add($"{name}: {string.Join(' ', kernels.Releases.Reverse().Take(12))}");
            }

            if (said.HasErrors && (names.Count == 1 || name == names[0]))
            {
                diagnostics.AddRange(said);
                return null;
            }
        }

        diagnostics.Error(
            "KLP0263", SourcePlace.None, $"No Debian kernel for {_target.Debian} is called '{word}'{(request.Flavour is { } f ? $" in the flavour {f}" : "")}; searched: {string.Join(", ", names)}.",
            "Name a release or a series such as those below (the newest of each suite), or another suite (--suite).", known.Count > 0 ? known : null);
        return null;
    }

    private async Task<DebianKernels?> ReadAsync(AptSuite suite, bool now, DiagnosticBag diagnostics, CancellationToken cancellation) =>
        await suite.UpdateAsync(now, diagnostics, cancellation).ConfigureAwait(false) && await suite.ReadAsync(diagnostics, cancellation).ConfigureAwait(false) is { } packages
            ? new DebianKernels(packages, host, _target)
            : null;

    /// <summary>The kernel as the archive has it when its packages are fetched, and their files.</summary>
    private async Task<(DebianKernel Kernel, IReadOnlyList<string> Files)?> DownloadAsync(AptSuite suite, DebianKernel kernel, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var said = new DiagnosticBag();
        var step = $"Fetching {kernel.Release} from Debian {suite.Suite}";
        if (await suite.DownloadAsync(kernel.Packages, step, said, cancellation).ConfigureAwait(false) is { } files)
        {
            return (kernel, files);
        }

        // Once more with new lists, when those in use were not read just now: packages are replaced in an archive every day.
        if (!suite.IsFresh && await ReadAsync(suite, true, diagnostics, cancellation).ConfigureAwait(false) is { } kernels && kernels.Releases.Contains(kernel.Release)
            && kernels.Describe(kernel.Release, diagnostics) is { } again)
        {
            return await suite.DownloadAsync(again.Packages, step, diagnostics, cancellation).ConfigureAwait(false) is { } other ? (again, other) : null;
        }

        diagnostics.AddRange(said);
        return null;
    }

    private async Task<KernelManifest?> BuildAsync(
        AptSuite suite, DebianKernel kernel, IReadOnlyList<string> files, KernelManifest manifest, string work, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        context.Say($"Unpacking {kernel.Release}");
        var draft = new EntryDraft(Path.Combine(work, EntryWork.Kernel), kernel.Release);
        if (await PackageUnpacker.UnpackAsync(files, draft.Root, diagnostics, cancellation).ConfigureAwait(false) is not { } packages)
        {
            return null;
        }

        var library = () => LibrariesAsync(suite, kernel, work, diagnostics, cancellation);
        return await EntryFinisher.FinishAsync(draft, manifest with { Packages = packages }, library, request.IsPortable, diagnostics, cancellation).ConfigureAwait(false);
    }

    private async Task<string?> LibrariesAsync(AptSuite suite, DebianKernel kernel, string work, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var folder = Path.Combine(work, "libraries");
        return await suite.DownloadAsync(kernel.ToolLibraries, $"Fetching the C library of Debian {suite.Suite} for the build tools", diagnostics, cancellation).ConfigureAwait(false) is { } files
            && await PackageUnpacker.UnpackAsync(files, folder, diagnostics, cancellation).ConfigureAwait(false) is not null
            ? folder
            : null;
    }

    private KernelManifest Manifest(AptSuite suite, DebianKernel kernel) => new()
    {
        Release = kernel.Release,
        Architecture = _target.Kernel,
        Origin = "debian",
        From = suite.Suite,
        DebianRelease = suite.DebianRelease ?? "",
        Packages = kernel.Packages,
        Compilers = kernel.Compilers,
        BuildPackages = kernel.BuildPackages,
        ToolsArchitecture = host.Debian,
    };
}
