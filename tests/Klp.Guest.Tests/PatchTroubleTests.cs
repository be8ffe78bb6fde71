using Klp.Base;
using Klp.Guest;
using Klp.TestKit;
using Xunit;

namespace Klp.Guest.Tests;

/// <summary>Patches that load and then do not behave, one after the other in one machine: what a kernel does then, and what is said of it.</summary>
public sealed class PatchTroubleTests
{
    /// <summary>One function of it brings a warning, another never comes back.</summary>
    private const string Troubled = """
        #include <linux/livepatch.h>
        #include <linux/module.h>
        #include <linux/sched.h>
        #include <linux/seq_file.h>

        static int warning_show(struct seq_file *m, void *v)
        {
        	WARN(1, "the patch is not well\n");
        	return 0;
        }

        static int sleeping_show(struct seq_file *m, void *v)
        {
        	schedule_timeout_killable(MAX_SCHEDULE_TIMEOUT);
        	return 0;
        }

        static struct klp_func funcs[] = {
        	{ .old_name = "cmdline_proc_show", .new_func = warning_show }, { .old_name = "version_proc_show", .new_func = sleeping_show }, { }
        };
        """;

    /// <summary>Who opens a pipe that nobody writes to sleeps in the function it replaces.</summary>
    private const string Pipe = """
        #include <linux/fs.h>
        #include <linux/livepatch.h>
        #include <linux/module.h>

        static int new_open(struct inode *inode, struct file *filp) { return -ENXIO; }
        static struct klp_func funcs[] = { { .old_name = "fifo_open", .new_func = new_open }, { } };
        """;

    // Shown before the patch and with it: each is for the first time.
    private const string SleepInPipe = """
        [ ! -e /tmp/fifo ] || exit 0
        mkfifo /tmp/fifo
        cat /tmp/fifo >/dev/null &
        echo $! >/tmp/sleeper
        until grep -q fifo_open /proc/$!/stack; do usleep 50000; done
        """;

    private const string SleepInPatch = """
        [ -e /tmp/fifo ] || exit 0
        rm /tmp/fifo
        kill $(cat /tmp/sleeper)
        while [ "$(cat /sys/kernel/livepatch/pipe/transition)" != 0 ]; do usleep 50000; done
        cat /proc/version >/dev/null &
        echo $! >/tmp/sleeper
        until grep -q sleeping_show /proc/$!/stack; do usleep 50000; done
        """;

    private const string WakeUpAndUnloadPipe = """
        kill $(cat /tmp/sleeper)
        while [ -d /sys/kernel/livepatch/troubled ]; do usleep 50000; done
        echo 0 >/sys/kernel/livepatch/pipe/enabled
        while [ -d /sys/kernel/livepatch/pipe ] || ! rmmod pipe; do usleep 50000; done

        """;

    [Fact]
    public async Task What_a_kernel_holds_against_a_patch_is_said_with_its_reason_and_its_words()
    {
        var kernel = Kernels.Newest;
        var built = await Task.WhenAll(KbuildModule.BuildAsync(kernel, "troubled", Troubled + KbuildModule.Rest), KbuildModule.BuildAsync(kernel, "pipe", Pipe + KbuildModule.Rest));
        var (troubled, pipe) = (Request(kernel, built[0]), Request(kernel, built[1]));
        (string Name, PatchRunRequest Request)[] runs =
        [
            ("needs what does not load", troubled with { LoadBefore = [new GuestModule("useless", new byte[100])] }),
            ("warns", troubled with { ShowCommand = "cat /proc/cmdline" }),
            ("another one is on its way", troubled with { ShowCommand = SleepInPipe, LoadAfter = [built[1]] }),
            ("does not come back", troubled with { ShowCommand = SleepInPatch, TransitionTimeout = TimeSpan.FromSeconds(1) }),
            ("does not arrive", pipe with { ShowCommand = WakeUpAndUnloadPipe + SleepInPipe, TransitionTimeout = TimeSpan.FromSeconds(1) }),
        ];

        var boot = new DiagnosticBag();
        var guest = Machine.Request(kernel, [.. runs.SelectMany(r => PatchRun.Steps(r.Request, r.Name))])
            with { Modules = [.. runs.SelectMany(r => PatchRun.Modules(r.Request)).DistinctBy(m => m.Name)] };
        var result = await GuestRunner.RunAsync(guest, boot, CancellationToken.None);

        Assert.Empty(boot);
        Assert.Equal(GuestVerdict.Finished, result!.Verdict);
        Diagnostic Judge(string name, string code, params string[] words)
        {
            var (request, said) = (runs.Single(r => r.Name == name).Request, new DiagnosticBag());
            var steps = result.Steps.Where(s => s.Step.Group == name).ToArray();
            PatchRun.Judge(request, result, steps, said);
            var text = string.Join('\n', said.Select(d => d.FullText()).Concat(steps.Select(s => $"{s.Step.Name}: {s.ExitCode} {s.Text}")));
            Assert.True(said.Select(d => d.Id).SequenceEqual([code]), text);
            var error = said.Single();
            Assert.Equal((Severity.Error, request.ModuleFile), (error.Severity, error.Place.File));
            Assert.All(words, w => Assert.True(error.FullText().Contains(w, StringComparison.Ordinal), $"'{w}' is not in {text}"));
            return error;
        }

        Judge("needs what does not load", "KLP0812", "cannot be loaded (load useless)", "insmod");
        var warning = Judge("warns", "KLP0813", "reported trouble", "the patch is not well", "warning_show");
        Assert.Contains("[ cut here ]", warning.Notes![0], StringComparison.Ordinal);
        Judge("another one is on its way", "KLP0811", "refuses to disable", "another patch is in transition", "busy");
        Judge("does not come back", "KLP0811", "The transition back was not over after 1 seconds", "tasks that hold the transition up", " cat", "sleeping_show+0x");
        Judge("does not arrive", "KLP0810", "was not over after 1 seconds", "nearer to the leaf", "tasks that hold the transition up", " cat", "fifo_open+0x");
        Assert.Equal(0, result.Steps.Single(s => s.Step is { Group: "warns", Name: PatchRun.Unload }).ExitCode);
    }

    private static PatchRunRequest Request(TestKernel kernel, GuestModule module) => new() { Module = module, ModuleFile = $"/bin/{module.Name}.ko", Guest = Machine.Request(kernel) };
}
