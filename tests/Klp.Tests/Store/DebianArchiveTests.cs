using Klp.Base;
using Klp.Store;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Store;

/// <summary>Kernels from a Debian archive, with the real apt and an archive on disk that is signed like any other.</summary>
public sealed class DebianArchiveTests : IDisposable
{
    private readonly StoreFixture _store = new();
    private readonly AptRepository _archive = new();
    private readonly SmallKernel _old = new("6.1.0-1-" + SmallKernel.Architecture), _new = new("6.1.0-2-" + SmallKernel.Architecture, "6.1.2-1");

    public void Dispose()
    {
        _archive.Dispose();
        _store.Dispose();
    }

    [Theory]
    [InlineData("newest", 2)]
    [InlineData("6.1", 2)]
    [InlineData("6.1.0-1-", 1)]
    public async Task A_kernel_is_found_by_release_series_or_newest(string word, int expected)
    {
        _archive.Publish(_old, _new);
        var added = await AddAsync(word.EndsWith('-') ? word + SmallKernel.Architecture : word);

        Assert.Empty(_store.Diagnostics);
        var release = $"6.1.0-{expected}-{SmallKernel.Architecture}";
        Assert.Equal([(release, false)], added.Select(a => (a.Release, a.WasHere)));
        Assert.Equal([release, "debian12=" + release, "default=" + release, "newest=" + release], _store.Content());
        Assert.Equal("bookworm", added[0].Manifest!.From);
        Assert.True((await AddAsync(release))[0].WasHere);
    }

    [Fact]
    public async Task A_name_that_is_not_there_is_an_error_that_lists_what_is()
    {
        _archive.Publish(_old, _new);
        Assert.Empty(await AddAsync("6.2"));
        var error = Assert.Single(_store.Diagnostics);
        Assert.Equal("KLP0263", error.Id);
        Assert.Contains(error.Notes!, n => n.Contains(_new.Release, StringComparison.Ordinal));
        Assert.Empty(_store.Content());
    }

    [Fact]
    public async Task A_debian_release_is_its_newest_kernel()
    {
        _archive.Publish(_old, _new);
        Assert.Equal(_new.Release, (await KernelStore.AddAsync(_store.Context, Request("debian12") with { Suite = null }, _store.Diagnostics, CancellationToken.None)).Single().Release);
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("/x")]
    [InlineData("bookworm main [trusted=yes]")]
    [InlineData("-o")]
    public async Task A_suite_that_is_no_word_never_becomes_a_folder_or_a_line_of_apts(string suite)
    {
        _archive.Publish(_old);
        Assert.Empty(await KernelStore.AddAsync(_store.Context, Request("newest") with { Suite = suite }, _store.Diagnostics, CancellationToken.None));
        Assert.Equal("KLP0265", Assert.Single(_store.Diagnostics).Id);
        Assert.Empty(_store.Content());
        Assert.False(Directory.Exists(Path.Combine(_store.Store, ".apt")));
    }

    [Fact]
    public async Task A_flavour_is_found_by_its_short_name()
    {
        var cloud = new SmallKernel("6.1.0-1-cloud-" + SmallKernel.Architecture);
        _archive.Publish(_old, cloud);
        Assert.Equal(cloud.Release, (await KernelStore.AddAsync(_store.Context, Request("newest") with { Flavour = "cloud" }, _store.Diagnostics, CancellationToken.None)).Single().Release);
        Assert.Equal(_old.Release, (await AddAsync("newest")).Single().Release);
    }

    [Fact]
    public async Task Packages_are_told_without_adding_anything()
    {
        _archive.Publish(_old);
        var told = await _store.AddAsync(Request("newest") with { IsDryRun = true });
        Assert.Equal(["gcc-12"], told.Single().Manifest!.Compilers);
        Assert.Equal(["libelf1"], told.Single().Manifest!.BuildPackages);
        Assert.Empty(_store.Content());
    }

    [Fact]
    public async Task An_archive_signed_by_somebody_else_is_refused_with_apts_words()
    {
        _archive.Publish(_old);
        using var stranger = new AptRepository();
        Assert.Empty(await _store.AddAsync(Request("newest") with { Mirror = new AptMirror(_archive.Uri, null, stranger.Keyring, "bookworm") }));
        var error = Assert.Single(_store.Diagnostics);
        Assert.Equal("KLP0265", error.Id);
        Assert.Contains(error.Notes!, n => n.Contains("sign", StringComparison.Ordinal));
        Assert.Empty(_store.Content());
    }

    [Fact]
    public async Task A_security_archive_whose_lists_do_not_fit_together_costs_a_warning_and_one_signed_by_a_stranger_all()
    {
        using var security = new AptRepository("bookworm-security");
        var request = Request("newest") with { Mirror = new AptMirror(_archive.Uri, security.Uri, _archive.Keyring, _archive.Suite) };
        _archive.Publish(_old);
        security.Publish(_new);
        File.AppendAllText(Path.Combine(security.Uri["file:".Length..], "dists", security.Suite, "main", "binary-" + SmallKernel.Architecture, "Packages"), "\n");

        Assert.Empty(await _store.AddAsync(request));
        Assert.Equal("KLP0265", Assert.Single(_store.Diagnostics).Id);
        Assert.Empty(_store.Content());

        // Both archives are signed by keys that apt shall know.
        var keys = _store.Combine("keys.gpg");
        File.WriteAllBytes(keys, [.. File.ReadAllBytes(_archive.Keyring), .. File.ReadAllBytes(security.Keyring)]);
        Assert.Equal([_old.Release], (await _store.AddAsync(request with { Mirror = request.Mirror! with { Keyring = keys } })).Select(a => a.Release));
        var warning = Assert.Single(_store.Diagnostics);
        Assert.Equal(("KLP0282", Severity.Warning, security.Uri), (warning.Id, warning.Severity, warning.Place.File));
        Assert.Contains("newer kernels are not known here", warning.Message, StringComparison.Ordinal);
        Assert.Contains("Try again later", warning.Cure, StringComparison.Ordinal);
        Assert.Contains(warning.Notes!, n => n.Contains("File has unexpected size", StringComparison.Ordinal) || n.Contains("Hash Sum mismatch", StringComparison.Ordinal));
        Assert.Contains(_old.Release, _store.Content());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_package_that_is_not_what_the_signed_list_names_is_refused(bool sameSize)
    {
        _archive.Publish(_old);
        var file = _archive.FileOf($"linux-image-{_old.Release}_6.1.1-1_{SmallKernel.Architecture}.deb");
        var bytes = File.ReadAllBytes(file);
        bytes[^20] ^= 1;
        File.WriteAllBytes(file, sameSize ? bytes : [.. bytes, 0]);

        Assert.Empty(await AddAsync("newest"));
        var error = Assert.Single(_store.Diagnostics);
        Assert.Equal("KLP0266", error.Id);
        Assert.Contains("not what its signed list names", error.Message, StringComparison.Ordinal);
        Assert.Empty(_store.Content());
    }

    [Fact]
    public async Task An_archive_that_changed_since_its_lists_were_read_is_read_again()
    {
        _archive.Publish(_old);
        Assert.Single(await _store.AddAsync(Request("newest") with { IsDryRun = true }));
        // The same release in a newer version of its packages: what the lists in hand name is gone.
        Directory.Delete(Path.GetDirectoryName(_archive.FileOf("x"))!, recursive: true);
        _archive.Publish(new SmallKernel(_old.Release, "6.1.1-2"));

        var added = await AddAsync("newest");

        Assert.Empty(_store.Diagnostics);
        Assert.All(added.Single().Manifest!.Packages, p => Assert.Equal("6.1.1-2", p.Version));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_store.Store, ".apt"), "*.deb", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_package_that_is_gone_leaves_the_store_as_it_was_and_the_next_call_fetches_only_what_is_missing()
    {
        _archive.Publish(_old);
        var file = _archive.FileOf($"linux-image-{_old.Release}_6.1.1-1_{SmallKernel.Architecture}.deb");
        File.Move(file, file + ".away");
        Assert.Empty(await AddAsync("newest"));
        Assert.Equal("KLP0266", Assert.Single(_store.Diagnostics).Id);
        Assert.Empty(_store.Content());

        File.Move(file + ".away", file);
        File.Delete(_archive.FileOf($"linux-headers-{_old.Release}_6.1.1-1_{SmallKernel.Architecture}.deb"));
        Assert.Single(await AddAsync("newest"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_download_that_was_cut_off_is_gone_on_with_or_started_over(bool isPart)
    {
        _archive.Publish(_old);
        Assert.Single(await _store.AddAsync(Request("newest") with { IsDryRun = true }));
        var name = $"linux-image-{_old.Release}_6.1.1-1_{SmallKernel.Architecture}.deb";
        var debs = Directory.GetDirectories(Path.Combine(_store.Store, ".apt")).Select(d => Path.Combine(d, "debs")).Single();
        var part = File.ReadAllBytes(_archive.FileOf(name))[..300];
        File.WriteAllBytes(Path.Combine(debs, name), isPart ? part : [.. part.Select(b => (byte)~b)]);

        Assert.Single(await AddAsync("newest"));
        Assert.Empty(_store.Diagnostics);
        Assert.Empty(Directory.GetFiles(debs, "*.deb"));
    }

    [Fact]
    public async Task Without_apt_the_error_names_the_other_ways()
    {
        var context = _store.Context with { Environment = new Dictionary<string, string> { ["PATH"] = _store.Combine("nothing") } };
        Assert.Empty(await KernelStore.AddAsync(context, new AddRequest { What = ["newest"] }, _store.Diagnostics, CancellationToken.None));
        var error = Assert.Single(_store.Diagnostics);
        Assert.Equal("KLP0264", error.Id);
        Assert.Contains("klp kernel add running", error.Cure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_machines_own_apt_is_not_touched()
    {
        string[] folders = ["/var/lib/apt/lists", "/var/cache/apt", "/etc/apt"];
        DateTime[] Times() => [.. folders.Where(Directory.Exists).SelectMany(f => Directory.EnumerateFileSystemEntries(f).Append(f)).Order(StringComparer.Ordinal).Select(File.GetLastWriteTimeUtc)];
        _archive.Publish(_old);
        var before = Times();
        Assert.Single(await AddAsync("newest"));
        Assert.Equal(before, Times());
    }

    private AddRequest Request(string word) => new() { What = [word], Mirror = new AptMirror(_archive.Uri, null, _archive.Keyring, _archive.Suite) };

    private Task<IReadOnlyList<AddedKernel>> AddAsync(string word) => _store.AddAsync(Request(word));
}
