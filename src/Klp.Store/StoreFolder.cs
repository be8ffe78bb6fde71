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

    /// <summary>The releases of the store: folders with a <c>build</c> in them.</summary>
    public static IReadOnlyList<string> Releases(string store) =>
        Directory.Exists(store)
            ? [.. Directory.EnumerateDirectories(store).Select(d => Path.GetFileName(d)!).Where(n => !n.StartsWith('.') && n != AliasFolder && Directory.Exists(Path.Combine(store, n, EntryLayout.Build))).Order(ReleaseOrder.Instance)]
            : [];
}
