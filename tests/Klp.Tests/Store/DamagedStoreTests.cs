using Klp.Base;
using Klp.Store;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Store;

/// <summary>A store that somebody had their hands in: what is damaged is seen, said and can be removed, and never passes for a kernel.</summary>
public sealed class DamagedStoreTests : IDisposable
{
    private readonly StoreFixture _store = new();
    private readonly SmallKernel _kernel = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task A_kernel_that_lost_its_build_tree_is_listed_found_by_verify_not_taken_for_there_and_removable()
    {
        var files = await AddAsync();
        var entry = Path.Combine(_store.Store, _kernel.Release);
        Directory.Delete(Path.Combine(entry, "root/usr/src"), recursive: true);

        var kernel = Assert.Single(KernelStore.List(_store.Store, []));
        Assert.False(kernel.HasTree);
        var said = new DiagnosticBag();
        Assert.False(EntryVerifier.Verify(kernel, said, CancellationToken.None));
        Assert.Equal("KLP0276", Assert.Single(said).Id);

        foreach (var what in new[] { files, [_kernel.Release] })
        {
            Assert.Empty(await _store.AddAsync(what));
            Assert.Equal("KLP0275", Assert.Single(_store.Diagnostics).Id);
        }

        Assert.True(await KernelStore.RemoveAsync(_store.Context, KernelStore.Find(_store.Store, "newest", [])!, [], CancellationToken.None));
        Assert.Empty(_store.Content());
    }

    [Fact]
    public async Task Adding_a_kernel_that_is_damaged_says_so_instead_of_calling_it_there()
    {
        var files = await AddAsync();
        File.AppendAllText(Path.Combine(_store.Store, _kernel.Release, "build/Module.symvers"), "x");
        Assert.Empty(await _store.AddAsync(files));
        Assert.Equal("KLP0275", Assert.Single(_store.Diagnostics).Id);
    }

    [Fact]
    public async Task Half_a_copy_of_a_kernel_is_said_before_anything_is_unpacked()
    {
        Directory.CreateDirectory(Path.Combine(_store.Store, _kernel.Release, "root"));
        Assert.Empty(await _store.AddAsync(_kernel.WriteTo(_store.Combine("debs"))));
        Assert.Equal("KLP0275", Assert.Single(_store.Diagnostics).Id);
        var said = new DiagnosticBag();
        Assert.False(EntryVerifier.Verify(Assert.Single(KernelStore.List(_store.Store, [])), said, CancellationToken.None));
        Assert.Equal("KLP0276", Assert.Single(said).Id);
    }

    [Fact]
    public async Task The_store_s_own_aliases_pass_over_a_damaged_kernel()
    {
        await AddAsync();
        Directory.CreateDirectory(Path.Combine(_store.Store, "6.9.0-1-amd64"));
        await _store.AddAsync(new AddRequest { What = [_kernel.Release], Aliases = ["mine"] });
        Assert.Contains("newest=" + _kernel.Release, _store.Content());
    }

    [Theory]
    [InlineData("list")]
    [InlineData("verify")]
    [InlineData("add newest")]
    public async Task A_store_that_cannot_be_read_is_said_to_be_so_and_not_empty(string words)
    {
        Directory.CreateDirectory(_store.Store);
        SmallerWorld.Mode(_store.Store, "000");
        using var klp = new KlpProcess($"exec {string.Join(' ', SmallerWorld.Unprivileged)} dotnet \"$@\"", ["kernel", .. words.Split(' '), "--store", _store.Store]);
        var (status, output, error) = await klp.EndAsync();
        Assert.Equal((1, ""), (status, output));
        Assert.StartsWith(_store.Store + ": error KLP0284: ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("root/pipe")]
    [InlineData("kernel.json")]
    [InlineData("kernel.files")]
    [InlineData("kernel.seal")]
    public async Task A_pipe_in_a_kernels_folder_is_a_difference_and_nobody_waits_for_it(string path)
    {
        await AddAsync();
        var file = Path.Combine(_store.Store, _kernel.Release, path);
        File.Delete(file);
        CCompiler.Run("mkfifo", "/", file);
        var verify = Task.Run(() => EntryVerifier.Verify(Assert.Single(KernelStore.List(_store.Store, [])), [], CancellationToken.None));
        Assert.False(await verify.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task A_store_that_kbuild_cannot_work_in_is_said_so_when_a_kernel_is_added()
    {
        var files = _kernel.WriteTo(_store.Combine("debs"));
        var said = new DiagnosticBag();
        Assert.Single(await KernelStore.AddAsync(_store.Context with { Directory = _store.Combine("my kernels") }, new AddRequest { What = files }, said, CancellationToken.None));
        Assert.Equal(("KLP0285", Severity.Warning), (Assert.Single(said).Id, said.Single().Severity));
    }

    [Fact]
    public async Task A_kernel_is_found_as_running_by_the_release_that_runs()
    {
        await AddAsync();
        var root = _store.Combine("machine");
        Directory.CreateDirectory(Path.Combine(root, "proc/sys/kernel"));
        File.WriteAllText(Path.Combine(root, "proc/sys/kernel/osrelease"), _kernel.Release + "\n");
        Assert.Equal(_kernel.Release, KernelStore.Find(_store.Store, "running", [], root)?.Release);
    }

    [Theory]
    [InlineData("6.2", "klp kernel add 6.2")]
    [InlineData("debian13", "klp kernel add debian13")]
    [InlineData("mine", "klp kernel add newest")]
    [InlineData("../x", "klp kernel add newest")]
    public void The_command_that_an_unknown_kernel_is_answered_with_works(string name, string command)
    {
        var said = new DiagnosticBag();
        Assert.Null(KernelStore.Find(_store.Store, name, said));
        Assert.EndsWith(command, Assert.Single(said).Cure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_one_of_several_kernels_missing_an_alias_goes_to_none_of_them()
    {
        var files = _kernel.WriteTo(_store.Combine("debs"));
        Assert.Single(await _store.AddAsync(new AddRequest { What = [.. files, "/no/such/tree"], Aliases = ["mine"] }));
        Assert.True(_store.Diagnostics.HasErrors);
        Assert.Equal([_kernel.Release, $"default={_kernel.Release}", $"newest={_kernel.Release}"], _store.Content());
    }

    [Fact]
    public async Task A_kernel_has_its_aliases_before_the_next_one_is_begun()
    {
        var files = _kernel.WriteTo(_store.Combine("debs"));
        using var interrupt = new CancellationTokenSource();
        var context = _store.Context with { OnProgress = p => Interrupt(p.Step) };
        void Interrupt(string step)
        {
            if (step.StartsWith("Copying", StringComparison.Ordinal))
            {
                interrupt.Cancel();
            }
        }

        var tree = RealPath.Of(Kernels.Newest.BuildDirectory);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => KernelStore.AddAsync(context, new AddRequest { What = [.. files, tree] }, [], interrupt.Token));
        Assert.Equal([_kernel.Release, $"default={_kernel.Release}", $"newest={_kernel.Release}"], _store.Content());
    }

    private async Task<string[]> AddAsync()
    {
        var files = _kernel.WriteTo(_store.Combine("debs"));
        Assert.Single(await _store.AddAsync(files));
        return files;
    }
}
