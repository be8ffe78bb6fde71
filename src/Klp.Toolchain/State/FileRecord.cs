using Klp.Base;

namespace Klp.Toolchain;

/// <summary>One file as a stage saw it: its stamp and the digest of its content.</summary>
/// <param name="Path">Absolute.</param>
/// <param name="Stamp">A racy stamp is recorded with <see cref="FileStamp.Ticks"/> -1, which no stat ever equals.</param>
/// <param name="Digest">Empty where the file did not exist.</param>
public sealed record FileRecord(string Path, FileStamp Stamp, string Digest)
{
    /// <summary>Equals no content: the file changed about when it was read, so nobody knows what was read.</summary>
    public const string UnknownDigest = "?";

    /// <summary>Records a file whose stamp was taken before the stage began to read.</summary>
    /// <param name="path">Absolute.</param>
    /// <param name="seen">Its stamp before the stage began to read.</param>
    /// <param name="startTicks">When the stage began.</param>
    /// <returns>Null where the file changed while the stage ran: what was read is not what is there now, so nothing can be recorded.</returns>
    public static FileRecord? Take(string path, FileStamp seen, long startTicks)
    {
        var digest = seen.Exists ? Klp.Base.Digest.OfFile(path) : "";
        if (digest is null || FileStamp.Of(path) != seen)
        {
            return null;
        }

        return new FileRecord(path, seen.IsRacy(startTicks) ? seen with { Ticks = -1 } : seen, digest);
    }

    /// <summary>
    /// Records a file of which only afterwards became known that it was read. Where its time does not prove that it is older than the reading, the content is unknown.
    /// </summary>
    public static FileRecord TakeLate(string path, long startTicks)
    {
        var stamp = FileStamp.Of(path);
        var digest = stamp.IsRacy(startTicks) ? UnknownDigest : stamp.Exists ? Klp.Base.Digest.OfFile(path) : "";
        return new FileRecord(path, digest is null or UnknownDigest ? stamp with { Ticks = -1 } : stamp, digest ?? UnknownDigest);
    }

    /// <summary>
    /// The record of the file now, if its content is still the recorded one: this very object where the stamp is equal, a refreshed one where only
    /// the stamp differs. Null where the content differs or the file came or went.
    /// </summary>
    public FileRecord? Refresh()
    {
        var now = FileStamp.Of(Path);
        if (now == Stamp)
        {
            return this;
        }

        if (now.Size != Stamp.Size)
        {
            return null;
        }

        var before = DateTime.UtcNow.Ticks;
        return Klp.Base.Digest.OfFile(Path) == Digest && FileStamp.Of(Path) == now
            ? this with { Stamp = now.IsRacy(before) ? now with { Ticks = -1 } : now }
            : null;
    }
}
