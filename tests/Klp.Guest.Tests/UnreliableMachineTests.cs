using System.Runtime.Versioning;
using Klp.Base;
using Klp.Guest;
using Klp.TestKit;
using Xunit;

namespace Klp.Guest.Tests;

/// <summary>An emulator on a busy host loses bytes of its serial port, or does not come up. A script in QEMU's place does so on purpose, as often as a test wants.</summary>
[SupportedOSPlatform("linux")]
public sealed class UnreliableMachineTests : IDisposable
{
    private const string LosesBytes = "\"$qemu\" \"$@\" | sed -u s/precious/precous/";

    /// <summary>Of the mark that tells how many bytes there should be.</summary>
    private const string LosesTheCount = "\"$qemu\" \"$@\" | sed -u -e s/precious/precous/ -e 's/ sent / snt /'";
    private const string DoesNotComeUp = "exit 0";

    private readonly TemporaryFolder _folder = new();
    private readonly DiagnosticBag _diagnostics = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Damaged_output_that_nobody_has_seen_is_fetched_by_another_boot()
    {
        var result = await RunAsync(LosesTheCount, times: 1);

        Assert.Empty(_diagnostics);
        Assert.Equal("precious\n", result!.Steps[0].Text);
        Assert.Equal(0, result.LostBytes);
        Assert.Equal(2, Boots());
    }

    [Fact]
    public async Task Output_that_stays_damaged_or_was_shown_is_an_error_and_no_result()
    {
        var shown = new List<string>();
        var result = await RunAsync(LosesBytes, times: 9, (_, line) => shown.Add(line));

        Assert.Equal(1, result!.LostBytes);
        Assert.Equal(["precous"], shown);
        Assert.Equal(1, Boots());
        Assert.Equal("KLP0840", Assert.Single(_diagnostics).Id);
        if (Tier.Includes("three boots in a row with damaged output"))
        {
            Assert.Equal(1, (await RunAsync(LosesBytes, times: 9))!.LostBytes);
            Assert.Equal(1 + 3, Boots());
            Assert.Equal(["KLP0840", "KLP0840"], _diagnostics.Select(d => d.Id));
        }
    }

    [Fact]
    public async Task A_machine_that_does_not_reach_our_init_is_started_a_second_time_and_no_third()
    {
        var result = await RunAsync(DoesNotComeUp, times: 1);

        Assert.Empty(_diagnostics);
        Assert.Equal("precious\n", result!.Steps[0].Text);
        Assert.Equal(2, Boots());

        Assert.Null((await RunAsync(DoesNotComeUp, times: 9))!.Release);
        Assert.Equal("KLP0807", Assert.Single(_diagnostics).Id);
        Assert.Equal(2 + 2, Boots());
    }

    private int Boots() => File.ReadAllLines(_folder.Combine("boots")).Length;

    /// <summary>Boots with a machine that goes wrong the first times.</summary>
    private async Task<GuestResult?> RunAsync(string wrong, int times, Action<GuestStep, string>? listener = null)
    {
        var request = Machine.Request(Kernels.Newest, new GuestStep("long", "echo precious"));
        var qemu = ProcessRunner.FindOnPath("qemu-system-x86_64", request.SearchPath, "/")!;
        SafeFile.Discard(_folder.Combine("qemu"));
        var script = _folder.Write("qemu", $"""
            #!/bin/sh
            qemu='{qemu}'
            echo boot >>'{_folder.Combine("boots")}'
            if [ $(grep -c boot '{_folder.Combine("boots")}') -le {times} ]; then
              {wrong}
              exit
            fi
            exec "$qemu" "$@"
            """);
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return await GuestRunner.RunAsync(request with { QemuPath = script, MayAccelerate = false, OnLine = listener }, _diagnostics, CancellationToken.None);
    }
}
