using System.Diagnostics;
using Klp.Base;
using Xunit;

namespace Klp.Tests.Base;

public sealed class FileOwnerTests
{
    [Fact]
    public void A_running_process_owns_what_was_written_since_it_started_and_nothing_older()
    {
        Assert.False(FileOwner.IsGone(Environment.ProcessId, DateTime.UtcNow));
        Assert.True(FileOwner.IsGone(Environment.ProcessId, Process.GetCurrentProcess().StartTime.ToUniversalTime().AddMinutes(-1)));
        // No process has so high a number.
        Assert.True(FileOwner.IsGone(int.MaxValue, DateTime.UtcNow));
    }

    [Fact]
    public void A_dead_process_that_nobody_has_waited_for_owns_nothing()
    {
        // The shell becomes sleep, which never waits for the shell's child.
        using var parent = Process.Start(new ProcessStartInfo("sh", ["-c", "sleep 0.2 & echo $!; exec sleep 60"]) { RedirectStandardOutput = true })!;
        try
        {
            var child = int.Parse(parent.StandardOutput.ReadLine()!, System.Globalization.CultureInfo.InvariantCulture);
            Assert.True(SpinWait.SpinUntil(() => FileOwner.IsGone(child, DateTime.UtcNow), TimeSpan.FromSeconds(20)));
            Assert.True(Directory.Exists($"/proc/{child}"));
        }
        finally
        {
            parent.Kill();
        }
    }
}
