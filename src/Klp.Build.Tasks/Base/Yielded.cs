using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

/// <summary>
/// While this lives, the task waits for other programs and MSBuild may build something else on its node: the next kernel, the next project. Made and ended on the task's own thread.
/// </summary>
internal sealed class Yielded : IDisposable
{
    // The type is in MSBuild's engine, which tasks do not refer to.
    private const string Aborted = "BuildAbortedException";
    private readonly IBuildEngine3 _engine;

    public Yielded(IBuildEngine3 engine)
    {
        _engine = engine;
        engine.Yield();
    }

    /// <exception cref="OperationCanceledException">The build was ended meanwhile: by the user, or because one of MSBuild's processes died.</exception>
    public void Dispose()
    {
        try
        {
            _engine.Reacquire();
        }
        catch (Exception e) when (e.GetType().Name == Aborted)
        {
            throw new OperationCanceledException(e.Message, e);
        }
    }
}
