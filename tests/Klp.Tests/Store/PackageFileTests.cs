using System.Diagnostics;
using Klp.Base;
using Klp.Cli;
using Klp.Kernel;
using Klp.Store;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Store;

/// <summary>Kernels from package files on disk: what becomes of them, what is kept up beside them, what is found when they change.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class PackageFileTests : IDisposable
{
    private readonly StoreFixture _store = new();
    private readonly SmallKernel _kernel = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task The_packages_of_a_kernel_become_one_entry_with_its_aliases()
    {
        var added = await _store.AddAsync(new AddRequest { What = _kernel.WriteTo(_store.Combine("debs")), Aliases = ["production"] });

        Assert.Empty(_store.Diagnostics);
        Assert.Equal([(_kernel.Release, false)], added.Select(a => (a.Release, a.WasHere)));
        Assert.Equal([_kernel.Release, "default=" + _kernel.Release, "newest=" + _kernel.Release, "production=" + _kernel.Release], _store.Content());
        var entry = KernelStore.Find(_store.Store, "production", _store.Diagnostics)!;
        Assert.True(entry.HasImage && entry.HasModules);
        Assert.Equal(4, entry.Manifest!.Packages.Count);
        Assert.All(entry.Manifest.Packages, p => Assert.Equal(64, p.Sha256.Length));
        Assert.Equal(["gcc-12"], entry.Manifest.Compilers);
        Assert.False(Directory.Exists(Path.Combine(entry.Directory, "root/usr/share")));
        Assert.True(EntryVerifier.Verify(entry, _store.Diagnostics, CancellationToken.None));
    }

    [Fact]
    public async Task The_entry_works_from_any_folder()
    {
        await _store.AddAsync(_kernel.WriteTo(_store.Combine("debs")));
        var moved = _store.Combine("elsewhere");
        Directory.Move(Path.Combine(_store.Store, _kernel.Release), moved);

        using var make = Process.Start(new ProcessStartInfo("make", ["-s", "-C", Path.Combine(moved, "build")]) { RedirectStandardOutput = true })!;
        var said = await make.StandardOutput.ReadToEndAsync();
        await make.WaitForExitAsync();

        Assert.Equal($"made with {RealPath.Of(moved)}/root/usr/src/linux-headers-6.1.0-1-common/Makefile", said.Trim());
        Assert.True(await BuildTools.StartAsync([Path.Combine(moved, "build/scripts/basic/fixdep")], CancellationToken.None));
    }

    [Fact]
    public async Task A_portable_entry_brings_the_C_library_of_its_tools_also_where_this_machines_serves()
    {
        var libraries = _store.Combine("libc6_2.36-9_amd64.deb");
        using var ldd = Process.Start(new ProcessStartInfo("ldd", ["/bin/true"]) { RedirectStandardOutput = true })!;
        var paths = (await ldd.StandardOutput.ReadToEndAsync()).Split([' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries).Where(w => w.StartsWith('/')).ToList();
        Assert.NotEmpty(paths);
        File.WriteAllBytes(libraries, DebWriter.Write($"Package: libc6\nVersion: 2.36-9\nArchitecture: {SmallKernel.Architecture}\nMaintainer: Nobody <nobody@example.org>\nDescription: x\n",
            paths.Select(p => DebWriter.File($"./lib/{Path.GetFileName(p)}", File.ReadAllBytes(p), executable: true))));
        string[] files = [.. _kernel.WriteTo(_store.Combine("debs")), libraries];

        // As a user types it; without the word the tools stay as they are.
        using var said = new StringWriter();
        var status = await KlpCommand.RunAsync(["kernel", "add", .. files, "--portable", "--store", _store.Store], new Terminal(said, said));
        Assert.True(status == 0, said.ToString());
        await KernelStore.AddAsync(new StoreContext(_store.Combine("other"), _store.Context.Environment), new AddRequest { What = files }, _store.Diagnostics, CancellationToken.None);
        Assert.Empty(_store.Diagnostics);
        Assert.False(File.Exists(Path.Combine(_store.Combine("other"), _kernel.Release, "root/usr/lib/linux-kbuild-6.1/scripts/basic/fixdep.elf")));

        var entry = KernelStore.Find(_store.Store, _kernel.Release, _store.Diagnostics)!;
        Assert.True(entry.Manifest!.HasToolLibraries);
        Assert.Empty(entry.Manifest.BuildPackages);
        Assert.True(EntryVerifier.Verify(entry, _store.Diagnostics, CancellationToken.None));

        // Copied elsewhere, the tool runs with the loader beside it: without that it does not.
        var moved = _store.Combine("elsewhere");
        Directory.Move(entry.Directory, moved);
        var tool = Path.Combine(moved, "build/scripts/basic/fixdep");
        Assert.Equal(0, await RunAsync(tool));
        File.Delete(Path.Combine(moved, "root/usr/lib/klp-tools", Path.GetFileName(paths[^1])));
        Assert.NotEqual(0, await RunAsync(tool));
    }

    private static async Task<int> RunAsync(string program)
    {
        using var process = Process.Start(new ProcessStartInfo(program) { RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    [Fact]
    public async Task A_missing_package_is_named_all_of_them_at_once()
    {
        var files = _kernel.WriteTo(_store.Combine("debs"));
        Assert.Empty(await _store.AddAsync(files[0], files[3]));
        var error = Assert.Single(_store.Diagnostics);
        Assert.Equal("KLP0270", error.Id);
        Assert.Contains("linux-headers-6.1.0-1-common 6.1.1-1", error.Message, StringComparison.Ordinal);
        Assert.Contains("linux-kbuild-6.1", error.Message, StringComparison.Ordinal);
        Assert.Empty(_store.Content());
    }

    [Fact]
    public async Task An_image_of_another_kernel_among_the_files_is_refused_and_meta_packages_are_none()
    {
        var other = new SmallKernel("6.1.0-2-amd64", "6.1.2-1").WriteTo(_store.Combine("others"));
        var files = _kernel.WriteTo(_store.Combine("debs"));
        Assert.Empty(await _store.AddAsync([.. files[..^1], other[^1]]));
        var error = Assert.Single(_store.Diagnostics);
        Assert.Equal("KLP0270", error.Id);
        Assert.Contains("2 kernels (6.1.0-1-amd64, 6.1.0-2-amd64)", error.Message, StringComparison.Ordinal);

        var meta = _store.Combine("linux-headers-amd64_6.1.1-1_amd64.deb");
        File.WriteAllBytes(meta, DebWriter.Write("Package: linux-headers-amd64\nVersion: 6.1.1-1\nArchitecture: amd64\nDepends: linux-headers-6.1.0-1-amd64 (= 6.1.1-1)\n", DebWriter.File("./usr/share/doc/copyright", "text")));
        Assert.Single(await _store.AddAsync([.. files, meta]));
    }

    [Theory]
    [InlineData("linux-headers-6.1/../../../evil")]
    [InlineData("linux-headers-6.1 x")]
    public async Task A_package_whose_name_is_a_path_is_refused(string name)
    {
        var file = _store.Combine("x.deb");
        File.WriteAllBytes(file, DebWriter.Write($"Package: {name}\nVersion: 1\nArchitecture: amd64\n", DebWriter.File("./usr/src/evil/Makefile", "all:\n")));
        Assert.Empty(await _store.AddAsync(file));
        Assert.Equal("KLP0267", Assert.Single(_store.Diagnostics).Id);
    }

    [Fact]
    public async Task Headers_that_name_a_compiler_by_its_meta_package_name_it_all_the_same()
    {
        var files = _kernel.WriteTo(_store.Combine("debs"));
        var control = $"Package: linux-headers-{_kernel.Release}\nVersion: 6.1.1-1\nArchitecture: {SmallKernel.Architecture}\nDepends: linux-compiler-gcc-11-x86\n";
        File.WriteAllBytes(files[0], DebWriter.Write(control, DebWriter.File("./usr/share/doc/copyright", "text")));
        var told = await _store.AddAsync(new AddRequest { What = files, IsDryRun = true });
        Assert.Equal(["gcc-11"], told.Single().Manifest!.Compilers);
    }

    [Fact]
    public async Task Headers_alone_are_a_kernel_with_a_warning()
    {
        var files = _kernel.WriteTo(_store.Combine("debs"));
        Assert.Single(await _store.AddAsync(files[..3]));
        Assert.Equal(["KLP0281"], _store.Diagnostics.Select(d => d.Id));
    }

    [Fact]
    public async Task Newest_is_kept_up_when_kernels_come_and_go()
    {
        await _store.AddAsync(_kernel.WriteTo(_store.Combine("debs")));
        await _store.AddAsync(new SmallKernel("6.1.0-20-amd64").WriteTo(_store.Combine("debs2")));
        Assert.Contains("newest=6.1.0-20-amd64", _store.Content());
        Assert.Contains("default=6.1.0-1-amd64", _store.Content());

        var entry = KernelStore.Find(_store.Store, "newest", _store.Diagnostics)!;
        Assert.True(await KernelStore.RemoveAsync(_store.Context, entry, _store.Diagnostics, CancellationToken.None));

        Assert.Equal(["6.1.0-1-amd64", "default=6.1.0-1-amd64", "newest=6.1.0-1-amd64"], _store.Content());
    }

    [Theory]
    [InlineData("flipped bit", "changed: root/boot/vmlinuz-6.1.0-1-amd64")]
    [InlineData("missing", "missing: root/lib/modules/6.1.0-1-amd64/kernel/a.ko")]
    [InlineData("extra", "extra: root/usr/src/linux-headers-6.1.0-1-amd64/new.h")]
    [InlineData("link", "changed: build")]
    [InlineData("mode", "changed: root/usr/lib/linux-kbuild-6.1/scripts/basic/fixdep")]
    [InlineData("list", "changed: kernel.files or kernel.seal")]
    [InlineData("no seal", "missing: kernel.seal")]
    public async Task Verify_finds_every_change(string change, string expected)
    {
        await _store.AddAsync(_kernel.WriteTo(_store.Combine("debs")));
        var entry = KernelStore.Find(_store.Store, "newest", _store.Diagnostics)!;
        string In(string path) => Path.Combine(entry.Directory, path);
        switch (change)
        {
            case "flipped bit":
                var bytes = File.ReadAllBytes(In("image"));
                bytes[500] ^= 4;
                File.WriteAllBytes(In("image"), bytes);
                break;
            case "missing":
                File.Delete(In("modules/kernel/a.ko"));
                break;
            case "extra":
                File.WriteAllText(In("build/new.h"), "");
                break;
            case "link":
                File.Delete(In("build"));
                File.CreateSymbolicLink(In("build"), "root/usr/src/linux-headers-6.1.0-1-common");
                break;
            case "mode":
                File.SetUnixFileMode(In("build/scripts/basic/fixdep"), UnixFileMode.UserRead);
                break;
            case "list":
                File.AppendAllText(In("kernel.files"), "\n");
                break;
            default:
                File.Delete(In("kernel.seal"));
                break;
        }

        var said = new DiagnosticBag();
        Assert.False(EntryVerifier.Verify(entry, said, CancellationToken.None));
        var error = Assert.Single(said);
        Assert.Equal("KLP0276", error.Id);
        Assert.Contains(expected, error.Notes!);
    }

    [Theory]
    [InlineData("build/Module.symvers")]
    [InlineData("build/.config")]
    [InlineData("image")]
    [InlineData("kernel.json")]
    [InlineData("kernel.seal")]
    public async Task A_damaged_kernel_is_refused_before_it_is_used(string file)
    {
        await _store.AddAsync(_kernel.WriteTo(_store.Combine("debs")));
        Assert.True(EntrySeal.Check(_store.Store, _kernel.Release, []));
        var path = Path.Combine(_store.Store, _kernel.Release, file);
        File.WriteAllText(path, File.ReadAllText(path) + "x");

        var said = new DiagnosticBag();
        Assert.False(EntrySeal.Check(_store.Store, _kernel.Release, said));
        Assert.Equal("KLP0275", Assert.Single(said).Id);

        File.Delete(path);
        Assert.False(EntrySeal.Check(_store.Store, _kernel.Release, []));
    }

    [Fact]
    public async Task The_look_before_use_costs_less_than_two_milliseconds()
    {
        await _store.AddAsync(_kernel.WriteTo(_store.Combine("debs")));
        var best = Enumerable.Range(0, 30).Min(_ =>
        {
            var clock = Stopwatch.StartNew();
            EntrySeal.Check(_store.Store, _kernel.Release, []);
            return clock.Elapsed.TotalMilliseconds;
        });
        Assert.InRange(best, 0, 2);
    }

    [Fact]
    public void A_kernel_laid_out_by_hand_is_used_and_verified_with_a_warning()
    {
        Directory.CreateDirectory(Path.Combine(_store.Store, "6.1.0-hand/build"));
        Assert.True(EntrySeal.Check(_store.Store, "6.1.0-hand", []));
        var said = new DiagnosticBag();
        Assert.True(EntryVerifier.Verify(KernelStore.List(_store.Store, []).Single(), said, CancellationToken.None));
        Assert.Equal("KLP0283", Assert.Single(said).Id);
    }

    [Theory]
    [InlineData("newest")]
    [InlineData("running")]
    [InlineData("6.1.0-1-amd64")]
    [InlineData("../x")]
    [InlineData("")]
    public async Task An_alias_that_hides_something_is_refused(string alias)
    {
        Assert.Empty(await _store.AddAsync(new AddRequest { What = _kernel.WriteTo(_store.Combine("debs")), Aliases = [alias] }));
        Assert.Equal("KLP0274", Assert.Single(_store.Diagnostics).Id);
        Assert.Empty(_store.Content());
    }
}
