using Klp.Base;
using Klp.Guest;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Guest;

public class CpioWriterTests
{
    [Fact]
    public async Task The_systems_cpio_reads_what_we_write()
    {
        var archive = new CpioWriter();
        archive.AddCharacterDevice("dev/console", 5, 1);
        archive.AddFile("bin/program", "#!x\n"u8, executable: true);
        archive.AddFile("a/b/data", "twelve bytes"u8);
        archive.AddFile("empty", []);
        archive.AddLink("bin/link", "program");
        var environment = CleanEnvironment.Create();
        var cpio = ProcessRunner.FindOnPath("cpio", environment["PATH"], "/");
        Assert.True(cpio is not null, "cpio is missing: eng/test.sh installs it");
        var result = await ProcessRunner.RunAsync(
            new ProcessRequest(cpio, ["-itv", "--numeric-uid-gid", "--quiet"], "/", environment) { StandardInput = archive.ToArray() }, new DiagnosticBag(), CancellationToken.None);

        var lines = result!.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToArray();
        Assert.Equal("", result.StandardError);
        Assert.Equal(
            ["drwxr-xr-x dev", "crw------- dev/console", "drwxr-xr-x bin", "-rwxr-xr-x bin/program", "drwxr-xr-x a", "drwxr-xr-x a/b", "-rw-r--r-- a/b/data", "-rw-r--r-- empty", "lrwxrwxrwx program"],
            lines.Select(l => l[0] + " " + l[^1]));
        Assert.All(lines, l => Assert.Equal(("0", "0"), (l[2], l[3])));
    }

    [Fact]
    public void Equal_content_is_equal_bytes_and_more_can_follow()
    {
        var (one, two) = (new CpioWriter(), new CpioWriter());
        one.AddFile("f", "1"u8);
        two.AddFile("f", "1"u8);
        Assert.Equal(one.ToArray(), two.ToArray());
        one.AddFile("g", "2"u8);
        Assert.True(one.ToArray().Length > two.ToArray().Length);
        Assert.Equal(0, one.ToArray().Length % 4);
    }
}
