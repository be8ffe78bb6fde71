using System.Collections.Concurrent;

namespace Klp.Toolchain;

/// <summary>
/// Digests of files that several stages of one build read, the kernel's image above all: taken once, and good for as long as the file's stamp stays the same.
/// </summary>
/// <remarks>For any number of threads. Two that ask for the same file at the same time may both read it.</remarks>
public sealed class KnownDigests
{
    private readonly ConcurrentDictionary<string, FileRecord> _records = new(StringComparer.Ordinal);

    /// <summary>Takes a file's digest now, for those that will ask.</summary>
    /// <param name="path">Absolute.</param>
    public void Prepare(string path) => Take(path, FileStamp.Of(path), DateTime.UtcNow.Ticks);

    /// <summary>As <see cref="FileRecord.Take"/>, without reading a file that is known.</summary>
    public FileRecord? Take(string path, FileStamp seen, long startTicks)
    {
        if (_records.TryGetValue(path, out var known) && known.Stamp == seen && FileStamp.Of(path) == seen)
        {
            return known;
        }

        var record = FileRecord.Take(path, seen, startTicks);
        if (record is not null && record.Stamp == seen)
        {
            // A racy stamp is not kept: a later change could have the same one.
            _records[path] = record;
        }

        return record;
    }
}
