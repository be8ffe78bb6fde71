using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

/// <summary>
/// While this lives, the task waits for other programs and MSBuild may build something else on its node: the next kernel, the next project. Made and ended on the task's own thread.
/// </summary>
internal sealed class Yielded : IDisposable
{
    private readonly IBuildEngine3 _engine;

    public Yielded(IBuildEngine3 engine)
    {
        _engine = engine;
        engine.Yield();
    }

    public void Dispose() => _engine.Reacquire();
}
