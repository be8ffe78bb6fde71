using Klp.Base;
using Xunit;

namespace Klp.Tests.Base;

/// <summary>A child that Ctrl-C ended: the same key is this process's cancel, which may come a moment later.</summary>
public sealed class ProcessRunnerTests
{
    // Tests that a script runs in the background are born deaf to Ctrl-C, and so would be their children.
    private static readonly ProcessRequest s_interrupted =
        new("/usr/bin/env", ["--default-signal=INT", "/bin/sh", "-c", "kill -INT $$"], "/", new Dictionary<string, string>());

    [Fact]
    public async Task A_child_that_was_interrupted_is_a_cancel_where_one_follows()
    {
        using var soon = Soon();
        Assert.Throws<OperationCanceledException>(() => ProcessRunner.Run(s_interrupted, [], soon.Token));

        using var again = Soon();
        await Assert.ThrowsAsync<OperationCanceledException>(() => ProcessRunner.RunAsync(s_interrupted, [], again.Token));
    }

    [Fact]
    public void And_a_result_where_somebody_interrupted_the_child_alone()
    {
        using var never = new CancellationTokenSource();

        Assert.Equal(130, ProcessRunner.Run(s_interrupted, [], never.Token)?.ExitCode);
    }

    // On a thread of its own: the pool's may all be busy with other tests.
    private static CancellationTokenSource Soon()
    {
        var cancel = new CancellationTokenSource();
        new Thread(() =>
        {
            Thread.Sleep(200);
            cancel.Cancel();
        }) { IsBackground = true }.Start();
        return cancel;
    }
}
