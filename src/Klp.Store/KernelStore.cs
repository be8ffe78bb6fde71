using Klp.Base;
using Klp.Kernel;

namespace Klp.Store;

/// <summary>
/// The per-user store of kernels: <c>&lt;store&gt;/&lt;release&gt;/{build,image,modules,root}</c> and <c>&lt;store&gt;/aliases/&lt;name&gt;</c>. An entry appears, whole, by
/// one rename, and goes by one; readers need no lock.
/// </summary>
public static class KernelStore
{
    /// <summary>Every kernel of the store, oldest first, damaged ones too; none with KLP0284 where the store cannot be read.</summary>
    public static IReadOnlyList<StoreEntry> List(string store, DiagnosticBag diagnostics) =>
        StoreFolder.IsReadable(store, diagnostics) ? [.. StoreFolder.Releases(store).Select(r => StoreEntry.Read(store, r))] : [];

    /// <summary>By name; empty where they cannot be read.</summary>
    public static IReadOnlyDictionary<string, string> Aliases(string store) => StoreFolder.IsReadable(store, []) ? StoreAliases.Read(store) : new Dictionary<string, string>();

    /// <summary>A kernel by its release, an alias or <c>running</c>; null with KLP0277, which lists what is there.</summary>
    /// <param name="root">Stands before the places of the running system; empty for the real one.</param>
    public static StoreEntry? Find(string store, string name, DiagnosticBag diagnostics, string root = "")
    {
        if (!StoreFolder.IsReadable(store, diagnostics))
        {
            return null;
        }

        var releases = StoreFolder.Releases(store);
        var release = releases.Contains(name) ? name : KernelName.Release(name, store, root);
        if (releases.Contains(release))
        {
            return StoreEntry.Read(store, release);
        }

        var meaning = release == name ? "" : $" ({release})";
        diagnostics.Error(
            "KLP0277", store, $"No kernel of the store is called '{name}'{meaning}.", KernelAdder.IsWord(name) ? $"Add it: klp kernel add {name}" : "Take one of those below, or add one: klp kernel add newest",
            [.. releases.Select(r => "here: " + r), .. StoreAliases.Read(store).Select(a => $"alias: {a.Key} ({a.Value})")]);
        return null;
    }

    /// <summary>Whether a release's name is taken in the store: by a kernel, which is then in <paramref name="kernel"/>, or by a damaged one, which is KLP0275.</summary>
    internal static bool IsHere(StoreContext context, string release, DiagnosticBag diagnostics, out AddedKernel? kernel)
    {
        kernel = null;
        if (!StoreFolder.Releases(context.Directory).Contains(release))
        {
            return false;
        }

        var entry = StoreEntry.Read(context.Directory, release);
        if (!entry.HasTree)
        {
            diagnostics.Error("KLP0275", entry.Directory, $"The kernel {release} of the store is damaged: it has no build tree.", $"Fetch it again: klp kernel remove {release}, then klp kernel add {release}.");
        }
        else if (EntrySeal.Check(context.Directory, release, diagnostics))
        {
            kernel = new AddedKernel(release, true, entry.Manifest);
        }

        return true;
    }

    /// <summary>Adds kernels; returns those that are in the store at the end. Errors say what is not, and the store is then as it was before that kernel.</summary>
    public static async Task<IReadOnlyList<AddedKernel>> AddAsync(StoreContext context, AddRequest request, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        if (!request.Aliases.All(a => StoreAliases.Check(a, diagnostics)) || !StoreFolder.IsReadable(context.Directory, diagnostics))
        {
            return [];
        }

        // Said before anything is fetched; symbols can be looked up there all the same.
        if (!KernelTree.IsUsablePath(RealPath.Of(context.Directory)))
        {
            diagnostics.Warning(
                "KLP0285", new SourcePlace(context.Directory), "No module can be built with a kernel in this store: its path has a space, a quote or one of : % # $ \\ in it, and kbuild cannot work there.",
                "Put the store at another path (--store, KLP_KERNEL_STORE, KlpKernelStore).");
        }

        var added = await new KernelAdder(context, request).AddAsync(diagnostics, cancellation).ConfigureAwait(false);
        // An alias goes to the kernel that it was asked for, or nowhere: with one of several missing nobody knows which that is.
        var isNamed = (request.IsDefault || request.Aliases.Count > 0) && !diagnostics.HasErrors;
        if (added.Count > 0 && !request.IsDryRun && (isNamed || !StoreAliases.AreInLine(context.Directory, context.Host)))
        {
            using var held = await StoreLock.TakeAsync(context, diagnostics, cancellation).ConfigureAwait(false);
            if (held is not null)
            {
                KeepAliases(context, added[0].Release, diagnostics);
                if (isNamed)
                {
                    WriteAliases(context, request, added, diagnostics);
                }
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

    /// <summary>What the store keeps up itself, after a kernel came. The caller holds the lock.</summary>
    internal static void KeepAliases(StoreContext context, string release, DiagnosticBag diagnostics)
    {
        StoreAliases.Refresh(context.Directory, context.Host, diagnostics);
        if (!StoreAliases.Read(context.Directory).ContainsKey(StoreAliases.Default))
        {
            StoreAliases.Set(context.Directory, StoreAliases.Default, release, diagnostics);
        }
    }

    private static void WriteAliases(StoreContext context, AddRequest request, IReadOnlyList<AddedKernel> added, DiagnosticBag diagnostics)
    {
        if (request.IsDefault)
        {
            StoreAliases.Set(context.Directory, StoreAliases.Default, added[0].Release, diagnostics);
        }

        foreach (var alias in request.Aliases)
        {
            StoreAliases.Set(context.Directory, alias, added[^1].Release, diagnostics);
        }
    }
}
