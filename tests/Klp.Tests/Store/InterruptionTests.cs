using System.Formats.Tar;
using Klp.Store;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Store;

/// <summary>Adding a kernel while somebody else does, while the disk is full, and while being killed: the store is whole at every moment.</summary>
public sealed class InterruptionTests : IDisposable
{
    private readonly StoreFixture _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task Two_adds_at_once_make_one_kernel_and_both_succeed()
    {
        var files = new SmallKernel { ImageSize = 20_000_000 }.WriteTo(_store.Combine("debs"));
        using var one = Add("", files);
        using var two = Add("", files);
        var ends = new[] { await one.EndAsync(), await two.EndAsync() };

        Assert.All(ends, e => Assert.Equal((0, "6.1.0-1-amd64\n"), (e.Status, e.Output)));
        Assert.Equal(["6.1.0-1-amd64", "default=6.1.0-1-amd64", "newest=6.1.0-1-amd64"], _store.Content());
        Assert.True(EntryVerifier.Verify(KernelStore.List(_store.Store, []).Single(), _store.Diagnostics, CancellationToken.None));
    }

    [Fact]
    public async Task A_full_disk_is_a_coded_error_and_the_store_is_as_before()
    {
        var files = new SmallKernel { ImageSize = 4_000_000 }.WriteTo(_store.Combine("debs"));
        // A limit on the size of files is a full disk that every machine has: the write fails the same way.
        using var add = Add("trap '' XFSZ; ulimit -f 1024", files);
        var (status, output, error) = await add.EndAsync();

        Assert.Equal((1, ""), (status, output));
        Assert.Contains("error KLP0269: ", error, StringComparison.Ordinal);
        Assert.Contains("no space is left", error, StringComparison.Ordinal);
        Assert.Empty(_store.Content());
    }

    [Fact]
    public async Task A_killed_add_leaves_nothing_that_anybody_takes_for_a_kernel_and_the_next_one_clears_it_away()
    {
        var files = new SmallKernel { ImageSize = 60_000_000 }.WriteTo(_store.Combine("debs"));
        var killed = 0;
        for (var round = 0; round < 3; round++)
        {
            using var add = Add("", files);
            var until = DateTime.UtcNow.AddSeconds(60);
            while (!add.HasExited && DateTime.UtcNow < until && !Leftovers().Any(l => Directory.Exists(Path.Combine(l, round == 0 ? "." : "kernel/root/usr"))))
            {
                await Task.Delay(1);
            }

            if (!add.HasExited)
            {
                add.Kill();
                killed++;
            }

            await add.EndAsync();
            Assert.True(KernelStore.List(_store.Store, []).All(k => EntryVerifier.Verify(k, _store.Diagnostics, CancellationToken.None)));
            if (KernelStore.List(_store.Store, []).Count > 0)
            {
                break;
            }
        }

        Assert.NotEqual(0, killed);
        Assert.Single(await _store.AddAsync(files));
        Assert.Empty(Leftovers());
        Assert.Contains("6.1.0-1-amd64", _store.Content());
    }

    [Fact]
    public async Task A_cancelled_add_leaves_the_store_as_before()
    {
        var files = new SmallKernel { ImageSize = 30_000_000 }.WriteTo(_store.Combine("debs"));
        using var cancel = new CancellationTokenSource();
        var context = _store.Context with { OnProgress = p => cancel.Cancel() };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => KernelStore.AddAsync(context, new AddRequest { What = files }, _store.Diagnostics, cancel.Token));
        Assert.Empty(_store.Content());
    }

    [Fact]
    public async Task A_cancel_is_heard_between_two_files_of_a_package()
    {
        using var cancel = new CancellationTokenSource();
        var target = new UnpackTarget(_store.Combine("root"), cancel.Token);
        Assert.True(target.File("x.deb", "usr/a", Stream.Null, UnixFileMode.None, _store.Diagnostics));
        await cancel.CancelAsync();
        Assert.Throws<OperationCanceledException>(() => target.File("x.deb", "usr/b", Stream.Null, UnixFileMode.None, _store.Diagnostics));
        Assert.False(File.Exists(_store.Combine("root", "usr/b")));
    }

    [Fact]
    public void A_cancel_is_heard_while_a_package_is_decompressed()
    {
        // A package without a file: nothing but its decompression is there to be interrupted.
        File.WriteAllBytes(_store.Combine("empty.deb"), DebWriter.Write("Package: empty\nVersion: 1\nArchitecture: all\n", new PaxTarEntry(TarEntryType.Directory, "./")));
        var package = DebFile.Open(_store.Combine("empty.deb"), _store.Diagnostics)!;
        Assert.Throws<OperationCanceledException>(() => package.Unpack(new UnpackTarget(_store.Combine("root"), new CancellationToken(canceled: true)), _store.Diagnostics));
    }

    [Fact]
    public async Task A_store_that_cannot_be_written_is_a_coded_error()
    {
        // A file where the folder should be stops every user, root too.
        File.WriteAllText(_store.Store, "");
        Assert.Empty(await _store.AddAsync(new SmallKernel().WriteTo(_store.Combine("debs"))));
        Assert.Equal("KLP0262", Assert.Single(_store.Diagnostics).Id);
    }

    private string[] Leftovers() => Directory.Exists(_store.Store) ? Directory.GetDirectories(_store.Store, ".new-*") : [];

    private KlpProcess Add(string shell, string[] files) => new(shell, ["kernel", "add", "--store", _store.Store, .. files]);
}
