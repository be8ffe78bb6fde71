using Klp.Base;

namespace Klp.Store;

/// <summary>
/// The per-user store of kernels: <c>&lt;store&gt;/&lt;release&gt;/{build,image,modules,root}</c> and <c>&lt;store&gt;/aliases/&lt;name&gt;</c>. An entry appears, whole, by
/// one rename, and goes by one; readers need no lock.
/// </summary>
public static class KernelStore
{
    /// <summary>Every kernel of the store, oldest first.</summary>
    public static IReadOnlyList<StoreEntry> List(string store) => [.. StoreFolder.Releases(store).Select(r => StoreEntry.Read(store, r))];

    public static IReadOnlyDictionary<string, string> Aliases(string store) => StoreAliases.Read(store);

    /// <summary>A kernel by its release or an alias; null with KLP0277, which lists what is there.</summary>
    public static StoreEntry? Find(string store, string name, DiagnosticBag diagnostics)
    {
        var releases = StoreFolder.Releases(store);
        var aliases = StoreAliases.Read(store);
        var release = releases.Contains(name) ? name : aliases.GetValueOrDefault(name);
        if (release is not null && releases.Contains(release))
        {
            return StoreEntry.Read(store, release);
        }

        diagnostics.Error(
            "KLP0277", store, $"No kernel of the store is called '{name}'.", $"Add it: klp kernel add {name}",
            [.. releases.Select(r => "here: " + r), .. aliases.Select(a => $"alias: {a.Key} ({a.Value})")]);
        return null;
    }

    /// <summary>Adds kernels; returns those that are in the store at the end. Errors say what is not, and the store is then as it was before that kernel.</summary>
    public static async Task<IReadOnlyList<AddedKernel>> AddAsync(StoreContext context, AddRequest request, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        if (!request.Aliases.All(a => StoreAliases.Check(a, diagnostics)))
        {
            return [];
        }

        var added = await new KernelAdder(context, request).AddAsync(diagnostics, cancellation).ConfigureAwait(false);
        if (added.Count > 0 && !request.IsDryRun)
        {
            using var held = await StoreLock.TakeAsync(context, diagnostics, cancellation).ConfigureAwait(false);
            if (held is not null)
            {
                WriteAliases(context, request, added, diagnostics);
            }
        }

        return added;
    }

    /// <summary>Removes a kernel and the aliases that lead to it.</summary>
    public static async Task<bool> RemoveAsync(StoreContext context, StoreEntry entry, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        using var held = await StoreLock.TakeAsync(context, diagnostics, cancellation).ConfigureAwait(false);
        if (held is null)
        {
            return false;
        }

        var work = Path.Combine(context.Directory, StoreFolder.WorkPrefix + Guid.NewGuid().ToString("N")[..12]);
        try
        {
            Directory.Move(entry.Directory, work);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            StoreFolder.ReportUnusable(context.Directory, e, diagnostics);
            return false;
        }

        StoreFolder.Discard(work);
        return StoreAliases.Refresh(context.Directory, context.Host, diagnostics);
    }

    /// <summary>The rename that makes a finished draft an entry. The caller holds the lock.</summary>
    internal static bool Publish(StoreContext context, string work, string release, DiagnosticBag diagnostics)
    {
        try
        {
            Directory.Move(Path.Combine(work, EntryWork.Kernel), Path.Combine(context.Directory, release));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            StoreFolder.ReportUnusable(context.Directory, e, diagnostics);
            return false;
        }
    }

    private static void WriteAliases(StoreContext context, AddRequest request, IReadOnlyList<AddedKernel> added, DiagnosticBag diagnostics)
    {
        StoreAliases.Refresh(context.Directory, context.Host, diagnostics);
        if (request.IsDefault || !StoreAliases.Read(context.Directory).ContainsKey(StoreAliases.Default))
        {
            StoreAliases.Set(context.Directory, StoreAliases.Default, added[0].Release, diagnostics);
        }

        foreach (var alias in request.Aliases)
        {
            StoreAliases.Set(context.Directory, alias, added[^1].Release, diagnostics);
        }
    }
}
