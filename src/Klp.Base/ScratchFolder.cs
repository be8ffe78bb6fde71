using System.Globalization;

namespace Klp.Base;

/// <summary>A temporary folder that only this user may look into. What a killed process left of the same kind goes with the next one that is made.</summary>
public sealed class ScratchFolder : IDisposable
{
    /// <summary>Processes of another container, which may share the folder for temporary files, cannot be seen: what may be theirs is left alone for a while.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromHours(1);

    private ScratchFolder(string path) => Path = path;

    public string Path { get; }

    /// <summary>Makes one.</summary>
    /// <param name="parent">The folder for temporary files.</param>
    /// <param name="kind">First part of its name: <c>klp-probe</c>.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">Nor by this user.</exception>
    public static ScratchFolder Create(string parent, string kind)
    {
        var path = System.IO.Path.Combine(parent, $"{kind}-{Environment.ProcessId:x}-{Guid.NewGuid():N}");
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        foreach (var old in Directory.EnumerateDirectories(parent, kind + "-*").Where(IsLeft).ToList())
        {
            Remove(old);
        }

        return new ScratchFolder(path);
    }

    /// <summary>Removes it with everything in it; never throws.</summary>
    public void Dispose() => Remove(Path);

    /// <summary>Named as ours are, its process gone, and not touched for a while.</summary>
    private static bool IsLeft(string path)
    {
        var parts = System.IO.Path.GetFileName(path).Split('-');
        return parts is [.., var owner, { Length: 32 }] && int.TryParse(owner, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var process)
            && DateTime.UtcNow - Directory.GetLastWriteTimeUtc(path) > _patience && FileOwner.IsGone(process, Directory.GetLastWriteTimeUtc(path));
    }

    private static void Remove(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody else's, or gone already: its name is nobody else's.
        }
    }
}
