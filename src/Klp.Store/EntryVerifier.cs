using Klp.Base;
using Klp.Kernel;

namespace Klp.Store;

/// <summary>Holds every file of an entry against its list of contents, and the lists against each other.</summary>
public static class EntryVerifier
{
    // Enough to see what happened; a folder that was emptied would give thousands.
    private const int MostNotes = 50;

    /// <summary>True where nothing differs; else KLP0276 with every difference. An entry laid out by hand has nothing to be held against: KLP0283.</summary>
    public static bool Verify(StoreEntry entry, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var listFile = Path.Combine(entry.Directory, ContentList.FileName);
        var sealFile = Path.Combine(entry.Directory, EntrySeal.FileName);
        var manifestFile = Path.Combine(entry.Directory, KernelManifest.FileName);
        if (!File.Exists(listFile) && !File.Exists(sealFile) && !File.Exists(manifestFile))
        {
            if (!entry.HasTree)
            {
                diagnostics.Error("KLP0276", entry.Directory, $"The kernel {entry.Release} has no build tree and no list of what belongs into it.", $"Remove it and add it again: klp kernel remove {entry.Release}, then klp kernel add {entry.Release}.");
                return false;
            }

            diagnostics.Warning("KLP0283", new SourcePlace(entry.Directory), $"The kernel {entry.Release} was laid out by hand: there is no list of what belongs into it, so nothing can be checked.", "To have one, remove it and add it again.");
            return true;
        }

        try
        {
            return IsAsAdded(entry, listFile, sealFile, manifestFile, diagnostics, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            diagnostics.Error("KLP0284", entry.Directory, $"The kernel {entry.Release} cannot be read: {e.Message.TrimEnd('.')}.", "Make its files and folders readable for this user, or remove it and add it again.");
            return false;
        }
    }

    private static bool IsAsAdded(StoreEntry entry, string listFile, string sealFile, string manifestFile, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var wrong = new List<string>();
        var listed = ContentList.Parse(Text(listFile));
        var found = ContentList.Read(entry.Directory, cancellation);
        wrong.AddRange(new[] { listFile, sealFile, manifestFile }.Where(f => !File.Exists(f)).Select(f => $"missing: {Path.GetFileName(f)}"));
        if (entry.Manifest is null && File.Exists(manifestFile))
        {
            wrong.Add($"not readable: {KernelManifest.FileName}");
        }

        if (listed.Count > 0)
        {
            wrong.AddRange(listed.Keys.Where(p => !found.ContainsKey(p)).Order(StringComparer.Ordinal).Select(p => "missing: " + p));
            wrong.AddRange(found.Where(f => listed.TryGetValue(f.Key, out var was) && was != f.Value).Select(f => "changed: " + f.Key));
            wrong.AddRange(found.Keys.Where(p => !listed.ContainsKey(p)).Select(p => "extra: " + p));
        }

        // A change of the list itself hides a change of a file; the seal knows its size and is made from the same files.
        if (wrong.Count == 0 && (ContentList.Format(found) != Text(listFile) || EntryDraft.SealText(entry.Directory) != Text(sealFile)))
        {
            wrong.Add($"changed: {ContentList.FileName} or {EntrySeal.FileName}");
        }

        if (wrong.Count > 0)
        {
            diagnostics.Error(
                "KLP0276", entry.Directory, $"The kernel {entry.Release} is not as it was added: {wrong.Count} {(wrong.Count == 1 ? "difference" : "differences")}.",
                $"Remove it and add it again: klp kernel remove {entry.Release}, then klp kernel add {entry.Release}.", wrong.Count > MostNotes ? [.. wrong.Take(MostNotes), $"and {wrong.Count - MostNotes} more"] : wrong);
        }

        return wrong.Count == 0;
    }

    // What has no length, an empty file or a pipe, is not opened.
    private static string Text(string file) => new FileInfo(file) is { Exists: true, Length: > 0 } ? File.ReadAllText(file) : "";
}
