using System.Diagnostics;
using System.Runtime.Versioning;
using Klp.Base;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Base;

/// <summary>What is written to and read from files that are not only stored bytes: pipes, descriptors, devices, files with permissions.</summary>
[SupportedOSPlatform("linux")]
public sealed class SafeFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DiagnosticBag _diagnostics = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_pipe_is_written_to_and_stays_a_pipe()
    {
        var pipe = _folder.Combine("pipe");
        Process.Start("mkfifo", pipe).WaitForExit();
        var reading = Task.Run(() => SafeFile.Read(pipe, _diagnostics));
        Assert.True(SafeFile.Write(pipe, "content"u8, _diagnostics), _diagnostics.ToString());
        Assert.Equal("content"u8.ToArray(), await reading);
        Assert.Equal([pipe], Directory.GetFileSystemEntries(_folder.Path));
        Assert.Equal(0, await StatusAsync("test", "-p", pipe));
    }

    [Fact]
    public void An_open_descriptor_is_written_to_where_it_is()
    {
        // As /dev/stdout is one, whatever the shell has behind it.
        using var stream = new FileStream(_folder.Combine("out"), FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite);
        Assert.True(SafeFile.Write($"/proc/self/fd/{stream.SafeFileHandle.DangerousGetHandle()}", "content"u8, _diagnostics), _diagnostics.ToString());
        using var reader = new StreamReader(stream);
        Assert.Equal("content", reader.ReadToEnd());
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.GroupRead)]
    public void A_file_that_is_replaced_hands_its_permissions_on(UnixFileMode mode)
    {
        var file = _folder.Write("file", "old");
        File.SetUnixFileMode(file, mode);
        Assert.True(SafeFile.Write(file, "new"u8, _diagnostics), _diagnostics.ToString());
        Assert.Equal("new", File.ReadAllText(file));
        Assert.Equal(mode, File.GetUnixFileMode(file));
    }

    [Fact]
    public void A_link_that_is_replaced_does_not_make_a_file_for_everybody()
    {
        var target = _folder.Write("target", "old");
        var link = _folder.Combine("link");
        File.CreateSymbolicLink(link, target);
        Assert.True(SafeFile.Write(link, "new"u8, _diagnostics), _diagnostics.ToString());
        Assert.Equal(("old", "new"), (File.ReadAllText(target), File.ReadAllText(link)));
        Assert.False(File.GetUnixFileMode(link).HasFlag(UnixFileMode.OtherWrite));
    }

    [Fact]
    public void A_device_that_never_ends_is_an_error()
    {
        Assert.Null(SafeFile.Read("/dev/zero", _diagnostics));
        var error = Assert.Single(_diagnostics);
        Assert.Equal("KLP0011", error.Id);
        Assert.Contains("does not end", error.Message, StringComparison.Ordinal);
    }

    private static async Task<int> StatusAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
