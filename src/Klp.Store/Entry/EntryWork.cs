using Klp.Base;

namespace Klp.Store;

/// <summary>The folder of work around an entry that is being made: there before, gone after, whatever happens.</summary>
internal static class EntryWork
{
    /// <summary>The draft's folder in it.</summary>
    public const string Kernel = "kernel";

    /// <param name="build">Makes the entry in the folder of work; null with the reason.</param>
    public static async Task<AddedKernel?> AddAsync(StoreContext context, DiagnosticBag diagnostics, Func<string, Task<KernelManifest?>> build)
    {
        string? work = null;
        try
        {
            work = StoreFolder.NewWork(context.Directory);
            return await build(work).ConfigureAwait(false) is { } manifest && KernelStore.Publish(context, work, manifest.Release, diagnostics) ? new AddedKernel(manifest.Release, false, manifest) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException || StoreFolder.IsFileTooLarge(e))
        {
            StoreFolder.ReportFailedWrite(work ?? context.Directory, e, diagnostics);
            return null;
        }
        finally
        {
            if (work is not null)
            {
                StoreFolder.Discard(work);
            }
        }
    }
}
