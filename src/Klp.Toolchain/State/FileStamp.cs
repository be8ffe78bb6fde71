namespace Klp.Toolchain;

/// <summary>What a stat says of a file: enough to see cheaply that it was not touched since. Equality counts, never "newer than".</summary>
/// <param name="Size">Bytes; -1 where there is no such file.</param>
/// <param name="Ticks">Modification time, UTC, in 100 ns.</param>
public readonly record struct FileStamp(long Size, long Ticks)
{
    public static FileStamp Missing => new(-1, 0);

    public bool Exists => Size >= 0;

    public static FileStamp Of(string path)
    {
        try
        {
            // Of a link .NET tells the link's own size and time; what the compiler reads is the file behind it.
            var info = new FileInfo(path);
            if (info.Exists && info.Attributes.HasFlag(FileAttributes.ReparsePoint) && info.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target)
            {
                info = target;
            }

            return info.Exists ? new FileStamp(info.Length, info.LastWriteTimeUtc.Ticks) : Missing;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Missing;
        }
    }

    /// <summary>
    /// A file changed so shortly before <paramref name="readAtTicks"/> that a later change could leave the same time behind
    /// (file systems count time in steps of up to a timer tick). Such a stamp proves nothing; the content must be looked at again.
    /// </summary>
    public bool IsRacy(long readAtTicks) => Exists && Ticks >= readAtTicks - (TimeSpan.TicksPerMillisecond * 20);
}
