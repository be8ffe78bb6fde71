using System.Collections.Concurrent;

namespace Klp.Toolchain;

/// <summary>
/// Records of the files the compilers of one run read. Digests are taken while the compilers work, of the files that they will most probably read:
/// when they are done, only a stat of each file is left.
/// </summary>
/// <remarks>A digest taken meanwhile is the content the compiler saw if the file's time is older than the run and its stamp is the same afterwards.</remarks>
internal sealed class HeaderRecords
{
    private readonly ConcurrentDictionary<string, FileRecord> _taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileRecord> _old = new(StringComparer.Ordinal);
    private readonly long _startTicks = DateTime.UtcNow.Ticks;

    /// <param name="state">What the last run knew; unchanged files need no new digest.</param>
    public HeaderRecords(CompileState state)
    {
        foreach (var file in state.Entries.Values.SelectMany(e => e.Files))
        {
            _old[file.Path] = file;
        }
    }

    /// <summary>The record of a file that a compiler has read meanwhile; its content is unknown where it changed since the run began.</summary>
    public FileRecord AfterReading(string path)
    {
        var record = Take(path);
        return record.Digest == FileRecord.UnknownDigest || FileStamp.Of(path) == record.Stamp ? record : record with { Stamp = record.Stamp with { Ticks = -1 }, Digest = FileRecord.UnknownDigest };
    }

    /// <summary>Takes the digests of files that will most probably be read, until it is enough.</summary>
    public void TakeAhead(IReadOnlyList<string> expected, CancellationToken enough)
    {
        foreach (var path in expected)
        {
            if (enough.IsCancellationRequested)
            {
                return;
            }

            Take(path);
        }
    }

    private FileRecord Take(string path) => _taken.GetOrAdd(path, static (p, self) => self._old.TryGetValue(p, out var old) && FileStamp.Of(p) == old.Stamp ? old : FileRecord.TakeLate(p, self._startTicks), this);
}
