using System.Text;
using Klp.Base;
using Klp.Guest;
using Klp.Kernel;
using Klp.TestKit;
using Xunit;

namespace Klp.Guest.Tests;

public class GuestRunnerTests
{
    private static async Task<(GuestResult? Result, DiagnosticBag Diagnostics)> RunAsync(GuestRequest request)
    {
        var diagnostics = new DiagnosticBag();
        return (await GuestRunner.RunAsync(request, diagnostics, CancellationToken.None), diagnostics);
    }

    [Fact]
    public async Task Output_and_status_of_every_step_arrive_byte_for_byte()
    {
        var lines = new List<string>();
        var (result, diagnostics) = await RunAsync(Machine.Request(
            Kernels.Newest,
            new GuestStep("empty", "true"),
            new GuestStep("no newline", "printf 'no newline at the end'"),
            new GuestStep("bytes", "printf '\\000\\001\\r\\n\\n\\377\\n@ end out 2 0\\n'; exit 7"),
            new GuestStep("errors", "echo to the other stream >&2"),
            new GuestStep("much", "i=0; while [ $i -lt 2000 ]; do echo \"line $i of much output\"; i=$((i+1)); done"),
            new GuestStep("stdin is empty", "cat"),
            new GuestStep("nobody sees the token", "cat /klp/token /init; env"))
            with { OnLine = (step, line) => { if (step.Name == "errors") { lines.Add(line); } } });

        Assert.Empty(diagnostics);
        Assert.Equal(0, result!.LostBytes);
        Assert.Equal("", result["empty"].Text);
        Assert.Equal("no newline at the end", result["no newline"].Text);
        Assert.Equal("\0\u0001\r\n\n"u8.ToArray().Concat((byte[])[0xff]).Concat("\n@ end out 2 0\n"u8.ToArray()), result["bytes"].Output.ToArray());
        Assert.Equal(7, result["bytes"].ExitCode);
        Assert.Equal(["to the other stream"], lines);
        Assert.Equal(string.Concat(Enumerable.Range(0, 2000).Select(i => $"line {i} of much output\n")), result["much"].Text);
        Assert.Equal("", result["stdin is empty"].Text);
        Assert.DoesNotMatch("[0-9a-f]{32}", result["nobody sees the token"].Text);
    }

    [Fact]
    public async Task An_emulated_kernel_is_unpacked_by_the_host_and_lies_where_it_was_linked_for()
    {
        var (result, diagnostics) = await RunAsync(
            Machine.Request(Kernels.BySeries("6.1"), new GuestStep("code", "grep 'Kernel code' /proc/iomem"), new GuestStep("release", "uname -r")) with { MayAccelerate = false });

        Assert.Empty(diagnostics);
        Assert.Contains(" 01000000-", " " + result!["code"].Text.Trim());
        Assert.Equal(Kernels.BySeries("6.1").Release + "\n", result["release"].Text);
    }

    [Fact]
    public async Task Nothing_of_the_host_is_in_the_guest_but_the_shell()
    {
        var (result, diagnostics) = await RunAsync(Machine.Request(Kernels.Newest, new GuestStep("files", "find / -xdev -type f | sort; ls /sys/block /sys/class/net")));

        Assert.Empty(diagnostics);
        Assert.Equal("/bin/busybox\n/init\n/klp/steps/0\n/sys/block:\n\n/sys/class/net:\nlo\n", result!.Steps[0].Text);
    }

    [Fact]
    public async Task A_failed_step_ends_its_group_and_no_other_and_one_whose_time_is_up_takes_its_children_along()
    {
        var (result, _) = await RunAsync(Machine.Request(
            Kernels.Newest,
            new GuestStep("a1", "false") { Group = "a", Role = GuestStepRole.Required },
            new GuestStep("a2", "true") { Group = "a" },
            new GuestStep("a3", "true") { Group = "a", Role = GuestStepRole.Always },
            new GuestStep("b1", "sleep 100 & sleep 100") { Group = "b", Timeout = TimeSpan.FromSeconds(1) },
            new GuestStep("b2", "! pidof sleep") { Group = "b" },
            new GuestStep("b3", "sleep 100 &") { Group = "b" },
            new GuestStep("b4", "pidof sleep | wc -w") { Group = "b" }));

        Assert.Equal([1, null, 0, 137, 0, 0, 0], result!.Steps.Select(s => s.ExitCode));
        // What outlived its time was ended with all it had started; what a step leaves behind on purpose stays.
        Assert.Equal("1\n", result["b4"].Text);
    }

    [Fact]
    public async Task A_module_that_only_asks_softly_for_another_loads_with_it()
    {
        // sctp needs libcrc32c, and that one the algorithm crc32c of whoever has it (softdep): here not of a processor.
        var (kernel, diagnostics) = (Kernels.BySeries("6.1"), new DiagnosticBag());
        var modules = TargetModules.Closure("sctp", KernelModules.Open(kernel.ModulesDirectory, diagnostics), diagnostics)!;

        Assert.Empty(diagnostics);
        Assert.Equal(["crc32c_generic", "libcrc32c", "sctp"], modules.Select(m => m.Name).Where(n => !n.EndsWith("tunnel", StringComparison.Ordinal)));
        Assert.Equal(["crc32c_generic"], modules.Where(m => m.IsOptional).Select(m => m.Name));
        var useless = new GuestModule("useless", new byte[100]) { IsOptional = true };
        var (result, said) = await RunAsync(Machine.Request(kernel, [.. modules.Append(useless).Select(m => GuestStep.Insert(m.Name, m)), new GuestStep("loaded", "ls -d /sys/module/sctp")]) with { Modules = [.. modules, useless] });
        Assert.Empty(said);
        Assert.All(result!.Steps, s => Assert.True(s.ExitCode == 0, $"{s.Step.Name}: {s.Text}"));
    }

    [Fact]
    public async Task A_panic_is_told_from_the_end_of_the_steps()
    {
        var (result, diagnostics) = await RunAsync(Machine.Request(
            Kernels.Newest, new GuestStep("first", "echo here"), new GuestStep("crash", "echo c > /proc/sysrq-trigger"), new GuestStep("never", "true")));

        Assert.Equal(GuestVerdict.Panicked, result!.Verdict);
        Assert.Equal("here\n", result["first"].Text);
        Assert.False(result["never"].Ran);
        var error = Assert.Single(diagnostics);
        Assert.Equal("KLP0805", error.Id);
        Assert.Contains("'crash'", error.Message);
        Assert.Contains(error.Notes!, n => n.Contains("sysrq"));
    }

    [Fact]
    public async Task A_guest_that_hangs_is_stopped_when_its_time_is_up()
    {
        var (result, diagnostics) = await RunAsync(Machine.Request(Kernels.Newest, new GuestStep("hang", "echo waiting; sleep 1000") { Timeout = TimeSpan.FromHours(1) })
            with { Timeout = TimeSpan.FromSeconds(18) });

        Assert.Equal(GuestVerdict.TimedOut, result!.Verdict);
        Assert.Equal("waiting\n", result.Steps[0].Text);
        Assert.Equal("KLP0806", Assert.Single(diagnostics).Id);
    }

    [Fact]
    public async Task Wrong_options_for_qemu_bring_its_own_words()
    {
        var (result, diagnostics) = await RunAsync(Machine.Request(Kernels.Newest, new GuestStep("s", "true")) with { QemuOptions = ["-no-such-option"] });

        Assert.Equal(GuestVerdict.Stopped, result!.Verdict);
        var error = Assert.Single(diagnostics);
        Assert.Equal("KLP0807", error.Id);
        Assert.Null(result.LostBytes);
        Assert.Contains(error.Notes!, n => n.Contains("no-such-option"));
    }

    [Fact]
    public async Task Input_of_the_host_reaches_the_interactive_step_and_its_end_too()
    {
        var output = new MemoryStream();
        var (result, diagnostics) = await RunAsync(Machine.Request(
                Kernels.Newest, new GuestStep("before", "echo before"), new GuestStep("talk", "sh") { Interactive = true }, new GuestStep("after", "echo after"))
            with { Terminal = new GuestTerminal(new MemoryStream(Encoding.UTF8.GetBytes("echo one; uname -r\n(exit 9)\n")), output, IsTerminal: false) });

        Assert.Empty(diagnostics);
        Assert.Equal($"one\n{Kernels.Newest.Release}\n", Encoding.UTF8.GetString(output.ToArray()));
        Assert.Equal(9, result!["talk"].ExitCode);
        Assert.Equal("after\n", result["after"].Text);
    }

    [Fact]
    public async Task A_person_at_a_terminal_gets_a_prompt_and_an_echo()
    {
        using var person = new Person("tty; stty size", "exit 3");
        var (result, diagnostics) = await RunAsync(Machine.Request(Kernels.Newest, new GuestStep("talk", "sh") { Interactive = true })
            with { Terminal = new GuestTerminal(person.Keys, person, IsTerminal: true, Columns: 90, Rows: 30) });

        Assert.Empty(diagnostics);
        Assert.Contains("# tty; stty size\r\n", person.Screen);
        Assert.Contains("/dev/ttyS1\r\n30 90\r\n", person.Screen);
        Assert.Equal(3, result!.Steps[0].ExitCode);
    }

    [Fact]
    public async Task A_cancel_kills_the_machine()
    {
        using var source = new CancellationTokenSource();
        var request = Machine.Request(Kernels.Newest, new GuestStep("hang", "echo up; sleep 1000") { Timeout = TimeSpan.FromHours(1) })
            with { OnLine = (_, _) => source.Cancel() };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => GuestRunner.RunAsync(request, new DiagnosticBag(), source.Token));
    }

    [Fact]
    public async Task What_cannot_be_started_is_said_at_once_and_names_the_way_out()
    {
        using var folder = new TemporaryFolder();
        var (result, diagnostics) = await RunAsync(Machine.Request(Kernels.Newest, new GuestStep("s", "true"))
            with { ImageFile = folder.Combine("vmlinuz"), QemuPath = folder.Combine("qemu") });

        Assert.Null(result);
        Assert.Equal(["KLP0800", "KLP0802"], diagnostics.Select(d => d.Id).Order());
        Assert.Contains("linux-image-", diagnostics.Single(d => d.Id == "KLP0802").Cure);
    }

    [Fact]
    public async Task A_file_that_is_no_kernel_is_refused_before_qemu_sees_it()
    {
        using var folder = new TemporaryFolder();
        var (result, diagnostics) = await RunAsync(Machine.Request(Kernels.Newest, new GuestStep("s", "true")) with { ImageFile = folder.Write("vmlinuz", "not a kernel") });

        Assert.Null(result);
        Assert.Equal("KLP0804", Assert.Single(diagnostics).Id);
    }
}
