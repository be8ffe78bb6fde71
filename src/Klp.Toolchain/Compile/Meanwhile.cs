namespace Klp.Toolchain;

/// <summary>Work on a thread of its own, beside something that takes longer; disposing says that it is enough, and waits.</summary>
internal sealed class Meanwhile : IDisposable
{
    private readonly CancellationTokenSource _enough = new();
    private readonly Thread? _thread;

    public Meanwhile(Action<CancellationToken>? work)
    {
        if (work is not null)
        {
            _thread = new Thread(() => work(_enough.Token)) { IsBackground = true };
            _thread.Start();
        }
    }

    public void Dispose()
    {
        _enough.Cancel();
        _thread?.Join();
        _enough.Dispose();
    }
}
