using System.Globalization;
using System.Text;

namespace Klp.Guest;

/// <summary>
/// Takes the guest's stream apart. A mark is a line <c>@token word…</c> with the run's random token; between <c>begin</c> and <c>end</c>
/// every byte belongs to a step's output or to its part of the kernel's log, and everything else is noise.
/// </summary>
/// <remarks>Events come in the order of the stream, from the thread that feeds it.</remarks>
internal sealed class GuestProtocol(string token)
{
    private readonly byte[] _mark = Encoding.ASCII.GetBytes($"\n@{token} ");
    private readonly List<byte> _pending = [];
    private bool _atStart = true;
    private long _taken;

    /// <summary>Bytes of the section that is open: kind (<c>out</c> or <c>log</c>) and name (a step's number, or <c>boot</c>).</summary>
    public Action<string, string, ReadOnlyMemory<byte>>? OnContent { get; init; }

    /// <summary>The words of a mark.</summary>
    public Action<IReadOnlyList<string>>? OnMark { get; init; }

    /// <summary>All content but a newline is delivered, and whether that one is content or opens a mark only the next byte can tell.</summary>
    public Action<string, string>? OnHeldNewline { get; init; }

    /// <summary>How many bytes of the stream came before the mark that <see cref="OnMark"/> is told of.</summary>
    public long BytesBeforeMark { get; private set; }

    private (string Kind, string Name)? _open;

    public void Feed(ReadOnlySpan<byte> bytes)
    {
        if (_atStart)
        {
            // A mark may be the stream's first line.
            _pending.Add((byte)'\n');
            (_atStart, _taken) = (false, -1);
        }

        _pending.AddRange(bytes);
        while (TakeOne())
        {
        }

        if (_pending is [(byte)'\n'] && _open is { } open)
        {
            OnHeldNewline?.Invoke(open.Kind, open.Name);
        }
    }

    /// <summary>The stream is over: what was held back, in case it was the beginning of a mark, is content.</summary>
    public void End()
    {
        Content(_pending.ToArray());
        _pending.Clear();
    }

    private bool TakeOne()
    {
        var data = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_pending);
        var at = data.IndexOf(_mark);
        if (at < 0)
        {
            var keep = HeldBack(data);
            Content(data[..^keep].ToArray());
            Take(_pending.Count - keep);
            return false;
        }

        var length = data[(at + _mark.Length)..].IndexOf((byte)'\n');
        if (length < 0)
        {
            Content(data[..at].ToArray());
            Take(at);
            return false;
        }

        Content(data[..at].ToArray());
        var words = Encoding.UTF8.GetString(data.Slice(at + _mark.Length, length)).TrimEnd('\r').Split(' ', StringSplitOptions.RemoveEmptyEntries);
        BytesBeforeMark = _taken + at;
        Follow(words);

        // The line's end stays: outside of a section it may open the next mark. Inside one it is no content.
        Take(at + _mark.Length + length + (_open is null ? 0 : 1));
        return true;
    }

    private void Take(int count)
    {
        _pending.RemoveRange(0, count);
        _taken += count;
    }

    /// <summary>Length of the longest end of the data that a mark could begin with.</summary>
    private int HeldBack(ReadOnlySpan<byte> data)
    {
        for (var length = Math.Min(_mark.Length - 1, data.Length); length > 0; length--)
        {
            if (data[^length..].SequenceEqual(_mark.AsSpan(0, length)))
            {
                return length;
            }
        }

        return 0;
    }

    private void Follow(string[] words)
    {
        if (words is ["begin", var kind, var name, ..])
        {
            _open = (kind, name);
        }
        else if (words is ["end", ..])
        {
            _open = null;
        }

        OnMark?.Invoke(words);
    }

    private void Content(byte[] bytes)
    {
        if (bytes.Length > 0 && _open is { } open)
        {
            OnContent?.Invoke(open.Kind, open.Name, bytes);
        }
    }

    /// <summary>A number of a mark, or null where it is none.</summary>
    public static int? Number(string word) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
