using Klp.Base;

namespace Klp.Store;

/// <summary>Unpacks packages side by side.</summary>
internal static class PackageUnpacker
{
    /// <summary>The packages' own descriptions with their digests; null with what is wrong with them, all of it.</summary>
    public static async Task<IReadOnlyList<Package>?> UnpackAsync(IReadOnlyList<string> files, string root, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var target = new UnpackTarget(root, cancellation);
        var found = new Package[files.Count];
        var good = true;
        Directory.CreateDirectory(root);
        // The largest first: the image takes as long as all the others together.
        var order = Enumerable.Range(0, files.Count).OrderByDescending(i => new FileInfo(files[i]) is { Exists: true } f ? f.Length : 0).ToArray();
        var options = new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = cancellation };
        await Parallel.ForEachAsync(order, options, (i, _) =>
        {
            var package = DebFile.Open(files[i], diagnostics);
            if (package is null || !package.Unpack(target, diagnostics))
            {
                good = false;
            }
            else
            {
                found[i] = package.Package;
            }

            return ValueTask.CompletedTask;
        }).ConfigureAwait(false);
        return good && target.Finish(diagnostics) ? found : null;
    }
}
