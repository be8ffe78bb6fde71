using Klp.Base;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Base;

public sealed class ScratchFolderTests : IDisposable
{
    private readonly TemporaryFolder _parent = new();

    public void Dispose() => _parent.Dispose();

    [Fact]
    public void Only_its_user_may_look_into_it_and_it_goes_with_everything_in_it()
    {
        string path;
        using (var folder = ScratchFolder.Create(_parent.Path, "klp-probe"))
        {
            path = folder.Path;
            File.WriteAllText(Path.Combine(path, "file"), "content");
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
            }
        }

        Assert.False(Directory.Exists(path));
    }

    [Fact]
    public void What_a_killed_process_left_goes_with_the_next_and_nothing_else_does()
    {
        // No process has so high a number.
        var left = Make("klp-probe-7fffffff-" + new string('a', 32), hours: 2);
        string[] kept =
        [
            Make("klp-probe-7fffffff-" + new string('b', 32), hours: 0),
            // The first process is as old as the machine.
            Make("klp-probe-1-" + new string('c', 32), hours: 2),
            Make("klp-guest-7fffffff-" + new string('d', 32), hours: 2), Make("klp-probe-of-mine", hours: 2), Make("klp-probe", hours: 2),
        ];
        using var folder = ScratchFolder.Create(_parent.Path, "klp-probe");
        Assert.False(Directory.Exists(left));
        Assert.All(kept, k => Assert.True(Directory.Exists(k), k));
    }

    [Fact]
    public void Where_none_can_be_made_the_reason_is_thrown() =>
        Assert.ThrowsAny<IOException>(() => ScratchFolder.Create(_parent.Write("file", "in the way"), "klp-probe"));

    private string Make(string name, int hours)
    {
        var path = Directory.CreateDirectory(Path.Combine(_parent.Path, name)).FullName;
        File.WriteAllText(Path.Combine(path, "file"), "content");
        Directory.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(-hours));
        return path;
    }
}
