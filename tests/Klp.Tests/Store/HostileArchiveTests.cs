using System.Formats.Tar;
using Klp.Store;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Store;

/// <summary>Archives that want out of their folder, and archives that are none: a coded error, and nothing anywhere.</summary>
public sealed class HostileArchiveTests : IDisposable
{
    private readonly StoreFixture _store = new();

    public void Dispose() => _store.Dispose();

    public static TheoryData<string> Attacks => ["absolute", "parent", "parent in the middle", "link out", "absolute link out", "links that lead out together", "link made through links that lead out", "file below a link", "second name of a file outside", "character device", "pipe", "control character"];

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task An_archive_that_reaches_outside_is_refused_and_the_store_is_as_before(string attack)
    {
        var outside = _store.Combine("outside");
        TarEntry[] entries = attack switch
        {
            "absolute" => [DebWriter.File(outside, "x")],
            "parent" => [DebWriter.File("../../../../outside", "x")],
            "parent in the middle" => [DebWriter.File("./usr/../../../../outside", "x")],
            "link out" => [DebWriter.Link("./usr/src/x", "../../../../outside")],
            "absolute link out" => [DebWriter.Link("./usr/src/x", "/../../etc/passwd")],
            // b/../../.. is a/b/c's grandparent by its words, and far above the root where b is a link upwards.
            "links that lead out together" => [DebWriter.Link("./a/b/c", "../.."), DebWriter.Link("./d", "a/b/c/../..")],
            // Named before the link that it lies below, and that leads out only together with another: made, it would lie beside the store.
            "link made through links that lead out" => [DebWriter.Link("./m/outside", "x"), DebWriter.Link("./a/b/c/d/l", "../../../.."), DebWriter.Link("./m", "a/b/c/d/l/../../..")],
            "file below a link" => [DebWriter.Link("./x", "usr/src"), DebWriter.File("./x/outside", "x")],
            "second name of a file outside" => [new PaxTarEntry(TarEntryType.HardLink, "./x") { LinkName = "../../../../../../../../etc/passwd" }],
            "character device" => [new PaxTarEntry(TarEntryType.CharacterDevice, "./dev/null") { DeviceMajor = 1, DeviceMinor = 3 }],
            "pipe" => [new PaxTarEntry(TarEntryType.Fifo, "./pipe")],
            _ => [DebWriter.File("./usr/a\u0007b", "x")],
        };

        var added = await _store.AddAsync(new SmallKernel { More = entries }.WriteTo(_store.Combine("debs")));

        Assert.Empty(added);
        Assert.All(_store.Diagnostics, d => Assert.Equal("KLP0268", d.Id));
        Assert.NotEmpty(_store.Diagnostics);
        Assert.Empty(_store.Content());
        Assert.Empty(Directory.EnumerateFileSystemEntries(_store.Combine(), "outside", new EnumerationOptions { RecurseSubdirectories = true }));
    }

    [Fact]
    public async Task Absolute_links_of_a_package_mean_its_own_root_and_become_relative()
    {
        var kernel = new SmallKernel { More = [DebWriter.Link("./usr/src/linux-headers-6.1.0-1-amd64/source", "/usr/src/linux-headers-6.1.0-1-common")] };
        Assert.Single(await _store.AddAsync(kernel.WriteTo(_store.Combine("debs"))));

        var entry = Path.Combine(_store.Store, kernel.Release);
        var absolute = Directory.EnumerateFileSystemEntries(entry, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Where(p => new FileInfo(p).LinkTarget is { } target && target.StartsWith('/'));
        Assert.Empty(absolute);
        Assert.True(File.Exists(Path.Combine(entry, "build/source/Makefile")));
        Assert.True(File.Exists(Path.Combine(entry, "modules/build/Makefile")));
    }

    [Fact]
    public async Task A_package_cut_off_anywhere_is_a_coded_error()
    {
        var files = new SmallKernel().WriteTo(_store.Combine("debs"));
        var whole = File.ReadAllBytes(files[0]);
        for (var length = 0; length < whole.Length; length += Math.Max(1, whole.Length / 40))
        {
            File.WriteAllBytes(files[0], whole[..length]);
            Assert.Empty(await _store.AddAsync(files));
            Assert.All(_store.Diagnostics, d => Assert.Contains(d.Id, new[] { "KLP0267", "KLP0232", "KLP0233" }));
            Assert.NotEmpty(_store.Diagnostics);
            Assert.Empty(_store.Content());
        }
    }

    [Fact]
    public async Task A_package_with_changed_bytes_is_a_coded_error_or_a_kernel_never_a_crash()
    {
        var files = new SmallKernel().WriteTo(_store.Combine("debs"));
        var whole = File.ReadAllBytes(files[0]);
        var random = new Random(Soak.Seed);
        for (var round = 0; round < Soak.Rounds(60); round++)
        {
            var bytes = (byte[])whole.Clone();
            for (var change = 0; change < 1 + (round % 4); change++)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            File.WriteAllBytes(files[0], bytes);
            var added = await _store.AddAsync(files);
            Assert.True(added.Count == 1 || _store.Diagnostics.HasErrors, $"round {round}: neither a kernel nor a reason");
            Assert.DoesNotContain(_store.Content(), n => n.StartsWith(".new", StringComparison.Ordinal));
            foreach (var kernel in added)
            {
                Assert.True(await KernelStore.RemoveAsync(_store.Context, KernelStore.Find(_store.Store, kernel.Release, _store.Diagnostics)!, _store.Diagnostics, CancellationToken.None));
            }
        }
    }
}
