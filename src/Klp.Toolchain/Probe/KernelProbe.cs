using Klp.Base;
using Klp.Elf;
using Klp.Kernel;

namespace Klp.Toolchain;

/// <summary>
/// Asks a kernel's build system, once, how it would build a module: one make call and one compiled template object, cached per user and kernel.
/// </summary>
/// <remarks>On a hit nothing is started; about thirty stats decide. On a miss: make, then the compiler's version, then the template, which needs make's flags.</remarks>
public static class KernelProbe
{
    /// <summary>The profile of a tree; null with errors KLP0101 to KLP0111, KLP0123 or KLP0200 to KLP0214. Warnings of the probe are said on each call, cached or not.</summary>
    public static Task<KernelProfile?> GetAsync(ProbeRequest request, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var cache = new ProfileCache(request);
        if (cache.Load(request) is { } cached)
        {
            diagnostics.AddRange(cached.Warnings);
            return Task.FromResult<KernelProfile?>(cached);
        }

        return AskOnceAsync(request, cache, diagnostics, cancellation);
    }

    /// <summary>The profile in a file that <see cref="KernelProfile.CacheFile"/> named, unchecked; null where there is none. For stages of one build, after the probe has checked it.</summary>
    public static KernelProfile? Load(string cacheFile) => ProfileCache.Read(cacheFile);

    private static async Task<KernelProfile?> AskOnceAsync(ProbeRequest request, ProfileCache cache, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        using var guard = await ProbeLock.TakeAsync(cache.CacheFile, cancellation).ConfigureAwait(false);
        if (guard is { WasBusy: true } && cache.Load(request) is { } made)
        {
            // Another project of the same build asked meanwhile.
            diagnostics.AddRange(made.Warnings);
            return made;
        }

        return await AskAsync(request, cache, diagnostics, cancellation).ConfigureAwait(false);
    }

    private static async Task<KernelProfile?> AskAsync(ProbeRequest request, ProfileCache cache, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        if (KernelTree.Open(request.BuildDirectory, diagnostics, request.SymversFile, request.ForLivepatch) is not { } tree
            || CrossTools.WithPrefix(request, tree, diagnostics) is not { } complete)
        {
            return null;
        }

        var startTicks = DateTime.UtcNow.Ticks;
        var meanwhile = request.Meanwhile is { } work ? Task.Run(work, cancellation) : Task.CompletedTask;
        try
        {
            using var folder = ScratchFolder.Create(request.TemporaryDirectory, "klp-probe");
            var said = new DiagnosticBag();
            var profile = await new ProbeRun(complete, tree, folder.Path, startTicks, said).RunAsync(cache, cancellation).ConfigureAwait(false);
            diagnostics.AddRange(said);
            return profile;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            diagnostics.Error("KLP0010", request.TemporaryDirectory, $"The probe's temporary folder cannot be written: {e.Message}", "Free some space, or make the folder writable for this user.");
            return null;
        }
        finally
        {
            await meanwhile.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
