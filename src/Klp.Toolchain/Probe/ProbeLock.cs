namespace Klp.Toolchain;

/// <summary>Lets one of several builds that need the same profile ask the kernel while the others wait for its answer.</summary>
internal sealed class ProbeLock : IDisposable
{
    private readonly FileStream _file;

    private ProbeLock(FileStream file, bool wasBusy) => (_file, WasBusy) = (file, wasBusy);

    public bool WasBusy { get; }

    /// <summary>Null where there is no cache or it cannot be written: then everybody asks for himself.</summary>
    public static async Task<ProbeLock?> TakeAsync(string? cacheFile, CancellationToken cancellation)
    {
        if (cacheFile is null)
        {
            return null;
        }

        var path = cacheFile + ".lock";
        var busy = false;
        for (var tries = 0; tries < 600; tries++)
        {
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                return new ProbeLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1), busy);
            }
            catch (IOException) when (File.Exists(path))
            {
                busy = true;
                await Task.Delay(50, cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }

        return null;
    }

    public void Dispose() => _file.Dispose();
}
