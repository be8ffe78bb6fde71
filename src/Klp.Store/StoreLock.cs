using Klp.Base;

namespace Klp.Store;

/// <summary>One writer at a time per store, of any process and any user. The kernel lets go of it when its owner dies, however it dies.</summary>
internal sealed class StoreLock : IDisposable
{
    private readonly FileStream _file;

    private StoreLock(FileStream file) => _file = file;

    /// <summary>Waits until nobody else writes, then clears away what a killed writer left. Null with KLP0262 where the store cannot be written.</summary>
    public static async Task<StoreLock?> TakeAsync(StoreContext context, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        try
        {
            Directory.CreateDirectory(context.Directory);
            var path = Path.Combine(context.Directory, StoreFolder.LockFile);
            Make(path);
            for (var tries = 0; ; tries++)
            {
                try
                {
                    var held = new StoreLock(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None, 0));
                    RemoveLeftovers(context.Directory);
                    return held;
                }
                catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException))
                {
                    if (tries == 0)
                    {
                        context.Say("Waiting: another klp is at work on this store");
                    }

                    await Task.Delay(100, cancellation).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            StoreFolder.ReportUnusable(context.Directory, e, diagnostics);
            return null;
        }
    }

    public void Dispose() => _file.Dispose();

    // Readable is enough to hold it, so another user's file serves too.
    private static void Make(string path)
    {
        try
        {
            if (!File.Exists(path))
            {
                new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite).Dispose();
            }
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another klp was first.
        }
    }

    private static void RemoveLeftovers(string store)
    {
        foreach (var folder in Directory.EnumerateDirectories(store, StoreFolder.WorkPrefix + "*"))
        {
            StoreFolder.Discard(folder);
        }
    }
}
