namespace Klp.Toolchain;

/// <summary>Work on threads of its own, beside something that takes longer; disposing says that it is enough, and waits.</summary>
internal sealed class Meanwhile(params Action<CancellationToken>[] works) : IDisposable
{
    private readonly CancellationTokenSource _enough = new();
    private Thread[]? _threads;

    /// <summary>Begins; not before that which takes longer has begun, whose start it would only delay. Calls after the first do nothing.</summary>
    public void Start()
    {
        var threads = Array.ConvertAll(works, work => new Thread(() => work(_enough.Token)) { IsBackground = true });
        if (Interlocked.CompareExchange(ref _threads, threads, null) is null)
        {
            Array.ForEach(threads, t => t.Start());
        }
    }

    public void Dispose()
    {
        _enough.Cancel();
        Array.ForEach(_threads ?? [], t => t.Join());
        _enough.Dispose();
    }
}
