using Klp.Base;

namespace Klp.Store;

/// <summary>Goes through what is to be added, one kernel after the other, each under the store's lock.</summary>
internal sealed class KernelAdder(StoreContext context, AddRequest request)
{
    private AptMirror? _mirror = request.Mirror;

    public async Task<IReadOnlyList<AddedKernel>> AddAsync(DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var added = new List<AddedKernel>();
        async Task Try(Func<Task<AddedKernel?>> add)
        {
            using var held = await StoreLock.TakeAsync(context, diagnostics, cancellation).ConfigureAwait(false);
            if (held is not null && await add().ConfigureAwait(false) is { } kernel)
            {
                added.Add(kernel);
                if (!kernel.WasHere && !request.IsDryRun)
                {
                    // Now, not at the end: an interruption of the next kernel leaves this one usable by name.
                    KernelStore.KeepAliases(context, kernel.Release, diagnostics);
                }
            }
        }

        var debs = request.What.Where(w => IsFile(w, ".deb")).Distinct().ToArray();
        var rpms = request.What.Where(w => IsFile(w, ".rpm")).Distinct().ToArray();
        if (debs.Length > 0)
        {
            await Try(() => new PackageFilesSource(context, request, debs).AddAsync(diagnostics, cancellation)).ConfigureAwait(false);
        }

        if (rpms.Length > 0)
        {
            await Try(() => new RpmFilesSource(context, request, rpms).AddAsync(diagnostics, cancellation)).ConfigureAwait(false);
        }

        foreach (var word in request.What.Except(debs).Except(rpms))
        {
            // A kernel that is here by its full name costs nothing, not even the lock.
            if (KernelStore.IsHere(context, word, diagnostics, out var here))
            {
                added.AddRange(here is null ? [] : [here]);
            }
            else
            {
                await Try(() => AddAsync(word, diagnostics, cancellation)).ConfigureAwait(false);
            }
        }

        return added;
    }

    /// <summary>Whether a word can be meant for the archive: a release, a series, <c>newest</c>, <c>running</c>, or a Debian release such as <c>debian12</c>.</summary>
    public static bool IsWord(string word) => word is StoreAliases.Newest or "running" || AptSuites.OfAlias(word) is not null || ReleaseName.IsUsable(word);

    private static bool IsFile(string word, string extension) => word.StartsWith('/') && word.EndsWith(extension, StringComparison.Ordinal);

    private async Task<AddedKernel?> AddAsync(string word, DiagnosticBag diagnostics, CancellationToken cancellation) => word switch
    {
        "running" => await new TreeSource(context, request, "running").AddRunningAsync(diagnostics, cancellation).ConfigureAwait(false),
        _ when word.StartsWith('/') => await new TreeSource(context, request, "tree").AddTreeAsync(word, diagnostics, cancellation).ConfigureAwait(false),
        // Another klp may have added it while this one waited.
        _ when KernelStore.IsHere(context, word, diagnostics, out var here) => here,
        _ => await FromDebianAsync(word, diagnostics, cancellation).ConfigureAwait(false),
    };

    private async Task<AddedKernel?> FromDebianAsync(string word, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        if (context.Host is not { } host)
        {
            diagnostics.Error("KLP0264", SourcePlace.None, "This machine's architecture has no Debian kernel tools that are known here.", "Add a source tree that was built on it: klp kernel add <folder>.");
            return null;
        }

        _mirror ??= await AptMirrorFinder.FindAsync(context, diagnostics, cancellation).ConfigureAwait(false);
        return _mirror is null ? null : await new DebianSource(context, request, _mirror, host).AddAsync(word, diagnostics, cancellation).ConfigureAwait(false);
    }
}
