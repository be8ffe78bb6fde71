using Klp.Base;

namespace Klp.Symbols;

/// <summary>Size and modification time of a file's content (links followed), to tell cheaply that it has not changed.</summary>
internal readonly record struct FileStamp(long Length, long Ticks)
{
    /// <summary>A file changed so recently may change again without a new time.</summary>
    private static TimeSpan Settled => TimeSpan.FromSeconds(2);

    /// <summary>Null where the file cannot be opened, or is a pipe or device, which has no size.</summary>
    public static FileStamp? Of(string path)
    {
        if (SpecialFile.Is(path))
        {
            return null;
        }

        try
        {
            using var handle = File.OpenHandle(path);
            return new FileStamp(RandomAccess.GetLength(handle), File.GetLastWriteTimeUtc(handle).Ticks);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Old enough that an equal stamp later means equal content.</summary>
    public bool IsSettled(DateTime utcNow) => utcNow.Ticks - Ticks > Settled.Ticks;
}
