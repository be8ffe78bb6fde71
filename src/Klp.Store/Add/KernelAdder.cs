using Klp.Base;

namespace Klp.Store;

/// <summary>Goes through what is to be added, one kernel after the other, each under the store's lock.</summary>
internal sealed class KernelAdder(StoreContext context, AddRequest request)
{
    private AptMirror? _mirror = request.Mirror;

    public async Task<IReadOnlyList<AddedKernel>> AddAsync(DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var added = new List<AddedKernel>();
        foreach (var word in request.What.Distinct())
        {
            if (await AddAsync(word, diagnostics, cancellation).ConfigureAwait(false) is { } kernel)
            {
                added.Add(kernel);
            }
        }

        return added;
    }

    private async Task<AddedKernel?> AddAsync(string word, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        // A kernel that is here by its full name costs nothing, not even the lock.
        if (Here(word) is { } here)
        {
            return here;
        }

        using var held = await StoreLock.TakeAsync(context, diagnostics, cancellation).ConfigureAwait(false);
        return held is null ? null : Here(word) ?? await FromDebianAsync(word, diagnostics, cancellation).ConfigureAwait(false);
    }

    private AddedKernel? Here(string word) =>
        StoreFolder.Releases(context.Directory).Contains(word) ? new AddedKernel(word, true, StoreEntry.Read(context.Directory, word).Manifest) : null;

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
