using Klp.Base;

namespace Klp.Store;

/// <summary>The names of the store's folders, and what holds for all of them.</summary>
internal static class StoreFolder
{
    public const string AptFolder = ".apt";

    public const string AliasFolder = "aliases";

    public const string LockFile = ".lock";

    /// <summary>Starts the names of folders that are being filled or emptied. Whoever holds the store's lock may remove them: nobody else is at work.</summary>
    public const string WorkPrefix = ".new-";

    public static void ReportUnusable(string directory, Exception e, DiagnosticBag diagnostics) =>
        diagnostics.Error(
            "KLP0262", directory, $"The kernel store cannot be written: {e.Message.TrimEnd('.')}.",
            "Make the folder writable for this user, or name another store (--store, KLP_KERNEL_STORE, KlpKernelStore).");

    /// <summary>EFBIG, a quota on the size of files, which the framework takes for a wrong argument.</summary>
    public static bool IsFileTooLarge(Exception e) => e is ArgumentOutOfRangeException { ParamName: "value" };

    /// <summary>KLP0269: while an entry is being made, mostly a full disk.</summary>
    public static void ReportFailedWrite(string path, Exception e, DiagnosticBag diagnostics)
    {
        // ENOSPC, EDQUOT.
        var full = e.HResult is 28 or 122 || IsFileTooLarge(e) || e.Message.Contains("No space left", StringComparison.Ordinal);
        diagnostics.Error(
            "KLP0269", path, $"This part of the kernel cannot be written: {(full ? "no space is left on the device" : e.Message.TrimEnd('.'))}.",
            full ? "Free some space (a kernel takes about 500 MB while it is added) or name another store (--store). The store is as it was." : "The store is as it was.");
    }

    /// <summary>Removes a folder with all in it; links are removed, not followed. What cannot be removed stays for the next writer.</summary>
    public static void Discard(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Its name starts with WorkPrefix: nobody takes it for a kernel.
        }
    }

    /// <summary>A new folder for work, on the store's own file system, so that a rename ends it.</summary>
    public static string NewWork(string store)
    {
        var folder = Path.Combine(store, WorkPrefix + Guid.NewGuid().ToString("N")[..12]);
        Directory.CreateDirectory(folder);
        return folder;
    }

    /// <summary>
    /// The releases of the store, whole or damaged: folders with a <c>build</c> in them, with a manifest, or named like a release. One that has lost its tree
    /// must still be seen by <c>verify</c> and <c>remove</c>, since its name is taken.
    /// </summary>
    public static IReadOnlyList<string> Releases(string store) =>
        Directory.Exists(store) ? [.. Directory.EnumerateDirectories(store).Select(d => Path.GetFileName(d)!).Where(n => IsEntry(store, n)).Order(ReleaseOrder.Instance)] : [];

    /// <summary>False with KLP0284 where the store is there and cannot be read; all that only looks into it asks first.</summary>
    public static bool IsReadable(string store, DiagnosticBag diagnostics)
    {
        try
        {
            foreach (var folder in new[] { store, Path.Combine(store, AliasFolder) }.Where(Directory.Exists))
            {
                using var names = Directory.EnumerateFileSystemEntries(folder).GetEnumerator();
                names.MoveNext();
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            diagnostics.Error(
                "KLP0284", store, $"The kernel store cannot be read: {e.Message.TrimEnd('.')}.",
                "Make the folder readable for this user, or name another store (--store, KLP_KERNEL_STORE, KlpKernelStore).");
            return false;
        }
    }

    private static bool IsEntry(string store, string name) =>
        !name.StartsWith('.') && name != AliasFolder && (ReleaseName.Parse(name) is not null || Directory.Exists(Path.Combine(store, name, EntryLayout.Build)) || File.Exists(Path.Combine(store, name, KernelManifest.FileName)));
}
