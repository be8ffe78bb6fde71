using System.IO.Pipelines;
using System.Text;

namespace Klp.Guest.Tests;

/// <summary>Somebody at a terminal who types the next line when the shell has prompted, and no sooner.</summary>
internal sealed class Person : Stream
{
    /// <summary>busybox asks where the cursor stands when nothing has been typed yet (libbb/lineedit.c, ask_terminal).</summary>
    private const string CursorQuestion = "\u001b[6n";

    private readonly Pipe _keys = new();
    private readonly Queue<string> _lines;
    private readonly MemoryStream _seen = new();
    private long _answered;

    public Person(params string[] lines) => (_lines, Keys) = (new(lines), _keys.Reader.AsStream());

    /// <summary>What is typed.</summary>
    public Stream Keys { get; }

    /// <summary>What stands on the screen.</summary>
    public string Screen => Encoding.UTF8.GetString(_seen.ToArray()).Replace(CursorQuestion, "", StringComparison.Ordinal);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _seen.Write(buffer);
        var screen = Screen;
        if (screen.Length > _answered && screen.EndsWith("# ", StringComparison.Ordinal) && _lines.TryDequeue(out var line))
        {
            _answered = screen.Length;
            _keys.Writer.AsStream(leaveOpen: true).Write(Encoding.UTF8.GetBytes(line + "\n"));
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
