using Klp.Guest;
using Xunit;

namespace Klp.Tests.Guest;

public class KernelLogLineTests
{
    [Theory]
    [InlineData("<6>[    1.541445] Run /init as init process", 6, 1.541445, "Run /init as init process")]
    [InlineData("<12>[    1.5] user", 4, 1.5, "user")]
    [InlineData("[   12.000001][    T1] with the task", -1, 12.000001, "with the task")]
    [InlineData("plain", -1, null, "plain")]
    [InlineData("<99999999999>[x] odd", -1, null, "<99999999999>[x] odd")]
    [InlineData("", -1, null, "")]
    public void A_line_is_taken_apart(string line, int level, double? seconds, string text) =>
        Assert.Equal(new KernelLogLine(level, seconds, text), KernelLogLine.Parse(line));

    [Theory]
    [InlineData("WARNING: CPU: 0 PID: 71 at kernel/x.c:1 f+0x1/0x2", true)]
    [InlineData("BUG: kernel NULL pointer dereference, address: 0000000000000008", true)]
    [InlineData("Oops: 0000 [#1] PREEMPT SMP NOPTI", true)]
    [InlineData("INFO: task insmod:123 blocked for more than 120 seconds.", true)]
    [InlineData("rcu: INFO: rcu_preempt self-detected stall on CPU", true)]
    [InlineData("rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:", true)]
    [InlineData("watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [sh:97]", true)]
    [InlineData("WARNING: possible circular locking dependency detected", true)]
    [InlineData("INFO: trying to register non-static key.", true)]
    [InlineData("livepatch: enabling patch 'fix'", false)]
    [InlineData("fix: tainting kernel with TAINT_LIVEPATCH", false)]
    [InlineData("module verification failed: signature and/or required key missing - tainting kernel", false)]
    public void Trouble_is_told_from_talk(string text, bool trouble) => Assert.Equal(trouble, KernelLogLine.Parse("<4>[    1.0] " + text).IsTrouble);
}
