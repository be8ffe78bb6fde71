using System.Globalization;
using System.Text;

namespace Klp.Guest;

/// <summary>Keeps what the protocol delivers of one boot, step by step, and tells the request's listeners.</summary>
internal sealed class GuestRecorder
{
    private readonly GuestRequest _request;
    private readonly Slot[] _slots;
    private readonly StringBuilder _bootLog = new();
    private readonly GuestProtocol _protocol;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public GuestRecorder(GuestRequest request, string token)
    {
        _request = request;
        _slots = request.Steps.Select(_ => new Slot()).ToArray();
        _protocol = new GuestProtocol(token) { OnContent = Content, OnMark = Mark, OnHeldNewline = HeldNewline };
    }

    /// <summary>uname -r; null until user space says hello.</summary>
    public string? Release { get; private set; }

    public ulong? InitialTaints { get; private set; }

    public ulong? Taints { get; private set; }

    /// <summary>Bytes that the guest's serial port sent and that did not arrive; null where the port does not count or the end was not reached.</summary>
    public long? LostBytes { get; private set; }

    /// <summary>The mark came that says how many bytes were sent, or that nobody counted them.</summary>
    public bool CountCame { get; private set; }

    /// <summary>The guest went through all steps.</summary>
    public bool Finished { get; private set; }

    /// <summary>The interactive step waits for input.</summary>
    public Task Ready => _ready.Task;

    /// <summary>User space runs.</summary>
    public event Action? Greeted;

    public void Feed(ReadOnlySpan<byte> bytes) => _protocol.Feed(bytes);

    public void End() => _protocol.End();

    public IReadOnlyList<GuestStepResult> Steps() => _request.Steps.Select((step, i) => Result(step, _slots[i])).ToArray();

    /// <summary>Everything the kernel's log had, in order.</summary>
    public IReadOnlyList<KernelLogLine> KernelLog() =>
        KernelLogLine.ParseAll(_bootLog.ToString() + string.Concat(_slots.Select(s => s.Log.ToString())));

    private static GuestStepResult Result(GuestStep step, Slot slot) =>
        new(step, slot.ExitCode, slot.Output.ToArray(), KernelLogLine.ParseAll(slot.Log.ToString()))
        {
            Ran = slot.Ran,
            Taints = slot.Taints,
            Started = slot.Started,
            Duration = slot.Started is { } started ? (slot.Ended ?? DateTimeOffset.UtcNow) - started : TimeSpan.Zero,
        };

    private void Content(string kind, string name, ReadOnlyMemory<byte> bytes)
    {
        if (kind == "log")
        {
            var log = GuestProtocol.Number(name) is { } n && n < _slots.Length ? _slots[n].Log : _bootLog;
            if (log.Length < GuestStepResult.MaximumOutput)
            {
                log.Append(Encoding.UTF8.GetString(bytes.Span));
            }

            return;
        }

        if (GuestProtocol.Number(name) is not { } number || number >= _slots.Length)
        {
            return;
        }

        var (step, slot) = (_request.Steps[number], _slots[number]);
        if (step.Interactive && _request.Terminal is { } terminal)
        {
            Show(terminal, bytes.Span);
        }

        _request.OnOutput?.Invoke(step, bytes);
        var room = GuestStepResult.MaximumOutput - (int)slot.Output.Length;
        slot.Output.Write(bytes.Span[..Math.Min(room, bytes.Length)]);
        Lines(step, slot, bytes.Span);
    }

    private static void Show(GuestTerminal terminal, ReadOnlySpan<byte> bytes)
    {
        try
        {
            terminal.Output.Write(bytes);
            terminal.Output.Flush();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Nobody reads any more (`| head`). The guest's stream must be drained all the same, or the guest would stand still.
        }
    }

    private void Lines(GuestStep step, Slot slot, ReadOnlySpan<byte> bytes)
    {
        if (_request.OnLine is not { } listener || step.Interactive)
        {
            return;
        }

        if (slot.LineIsTold && bytes is [(byte)'\n', ..])
        {
            bytes = bytes[1..];
        }

        slot.LineIsTold = false;
        slot.Line.AddRange(bytes);
        int end;
        while ((end = slot.Line.IndexOf((byte)'\n')) >= 0)
        {
            listener(step, Encoding.UTF8.GetString([.. slot.Line.Take(end)]));
            slot.Line.RemoveRange(0, end + 1);
        }
    }

    /// <summary>A line is told when it is complete, not only when the next one begins: a step may say "waiting" and wait.</summary>
    private void HeldNewline(string kind, string name)
    {
        if (kind == "out" && SlotOf(name) is { Line.Count: > 0 } slot)
        {
            Lines(_request.Steps[GuestProtocol.Number(name)!.Value], slot, "\n"u8);
            slot.LineIsTold = true;
        }
    }

    private void Mark(IReadOnlyList<string> words)
    {
        switch (words)
        {
            case ["hello", var release, ..]:
                Release = release;
                InitialTaints = words.Count > 2 ? Number(words[2]) : null;
                Greeted?.Invoke();
                break;
            case ["sent", var count]:
                CountCame = true;
                LostBytes = (long?)Number(count) - _protocol.BytesBeforeMark;
                break;
            case ["bye", var taints]:
                Finished = true;
                Taints = Number(taints);
                break;
            case ["ready", ..]:
                _ready.TrySetResult();
                break;
            case ["begin", "out", var name] when SlotOf(name) is { } slot:
                (slot.Ran, slot.Started) = (true, DateTimeOffset.UtcNow);
                break;
            case ["end", "out", var name, var status, ..] when SlotOf(name) is { } slot:
                (slot.ExitCode, slot.Ended) = (GuestProtocol.Number(status), DateTimeOffset.UtcNow);
                slot.Taints = words.Count > 4 ? Number(words[4]) : null;
                if (slot.Line.Count > 0)
                {
                    Lines(_request.Steps[GuestProtocol.Number(name)!.Value], slot, "\n"u8);
                }

                break;
            case ["end", "log", var name, ..] when SlotOf(name) is { } slot:
                _request.OnStep?.Invoke(Result(_request.Steps[GuestProtocol.Number(name)!.Value], slot));
                break;
            case ["skip", "out", var name] when SlotOf(name) is { } slot:
                _request.OnStep?.Invoke(Result(_request.Steps[GuestProtocol.Number(name)!.Value], slot));
                break;
        }
    }

    private static ulong? Number(string word) => ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private Slot? SlotOf(string name) => GuestProtocol.Number(name) is { } number && number < _slots.Length ? _slots[number] : null;

    private sealed class Slot
    {
        public bool Ran { get; set; }

        public int? ExitCode { get; set; }

        public ulong? Taints { get; set; }

        public DateTimeOffset? Started { get; set; }

        public DateTimeOffset? Ended { get; set; }

        public MemoryStream Output { get; } = new();

        public List<byte> Line { get; } = [];

        /// <summary>The newline that ends the last line told may still come as content.</summary>
        public bool LineIsTold { get; set; }

        public StringBuilder Log { get; } = new();
    }
}
