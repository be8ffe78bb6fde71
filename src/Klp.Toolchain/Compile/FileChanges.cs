using System.Collections.Concurrent;

namespace Klp.Toolchain;

/// <summary>Asks each file once per build whether it is still the recorded one.</summary>
internal sealed class FileChanges
{
    private readonly ConcurrentDictionary<FileRecord, FileRecord?> _known = new(ReferenceEqualityComparer.Instance);

    /// <summary>Whether any record had to be refreshed, so that the state is worth writing again.</summary>
    public bool Refreshed { get; private set; }

    /// <summary>The record as it is now, or null where the content changed.</summary>
    public FileRecord? Now(FileRecord recorded)
    {
        if (_known.TryGetValue(recorded, out var known))
        {
            return known;
        }

        var now = recorded.Refresh();
        if (now is not null && !ReferenceEquals(now, recorded))
        {
            Refreshed = true;
        }

        _known[recorded] = now;
        return now;
    }
}
