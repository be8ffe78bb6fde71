using System.Text;
using Klp.Base;
using Klp.Kernel;
using Klp.TestKit;
using Klp.Toolchain;
using Xunit;

namespace Klp.Tests.Toolchain;

/// <summary>The kernel is asked once; and again exactly when something that decides the answer changed.</summary>
public sealed class ProbeCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TreeMirror _tree = new(Kernels.BySeries("6.1"));
    private readonly ToolFolder _tools = new();

    public ProbeCacheTests() => _tools.Watch("make");

    private string Cache => Path.Combine(_folder.Path, "cache");

    private string CacheFile => Assert.Single(Directory.GetFiles(Path.Combine(Cache, "profiles"), "*.profile"));

    public void Dispose()
    {
        _tree.Dispose();
        _tools.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Nothing_changed_asks_nobody()
    {
        var first = await GetAsync();
        var second = await GetAsync();
        Assert.Equal(1, _tools.Calls("make"));
        Assert.Equal(first.Digest, second.Digest);
        Assert.Equal(CacheFile, second.CacheFile);
        Assert.Equal(second.Digest, KernelProbe.Load(second.CacheFile!)?.Digest);
    }

    [Theory]
    [InlineData("Module.symvers")]
    [InlineData(".config")]
    [InlineData("include/generated/utsrelease.h")]
    public async Task A_touched_file_asks_nobody(string file)
    {
        _tree.Own(file);
        await GetAsync();
        File.SetLastWriteTimeUtc(_tree.Path(file), DateTime.UtcNow.AddMinutes(-5));
        await GetAsync();
        File.SetLastWriteTimeUtc(_tree.Path(file), DateTime.UtcNow.AddYears(1));
        await GetAsync();
        Assert.Equal(1, _tools.Calls("make"));
    }

    [Theory]
    [InlineData("Module.symvers", "0x00000000\tnew_symbol\tvmlinux\tEXPORT_SYMBOL\t\n")]
    [InlineData(".config", "# changed\n")]
    [InlineData("Makefile", "# changed\n")]
    [InlineData("include/generated/autoconf.h", "#define CONFIG_CHANGED 1\n")]
    public async Task A_changed_file_asks_again(string file, string more)
    {
        await GetAsync();
        _tree.Edit(file, text => text + more);
        await GetAsync();
        Assert.Equal(2, _tools.Calls("make"));
        await GetAsync();
        Assert.Equal(2, _tools.Calls("make"));
    }

    [Fact]
    public async Task Another_release_in_the_tree_is_another_profile()
    {
        var before = await GetAsync();
        _tree.Edit("include/generated/utsrelease.h", text => text.Replace(before.Release, "6.1.0-999-test", StringComparison.Ordinal));
        var after = await GetAsync();
        Assert.Equal("6.1.0-999-test", after.Release);
        Assert.StartsWith("6.1.0-999-test ", after.Template.Vermagic, StringComparison.Ordinal);
        Assert.NotEqual(before.Digest, after.Digest);
    }

    [Fact]
    public async Task A_compiler_with_other_bytes_is_another_compiler()
    {
        var real = ProcessRunner.FindOnPath("gcc-12", KernelProfiles.SearchPath, "/")!;
        _tools.Replace("gcc-12", $"exec '{real}' \"$@\"");
        var before = await GetAsync();
        await Task.Delay(50);
        _tools.Replace("gcc-12", $"# an update\nexec '{real}' \"$@\"");
        var after = await GetAsync();
        Assert.Equal(2, _tools.Calls("make"));
        Assert.NotEqual(before.Digest, after.Digest);
    }

    [Fact]
    public async Task A_compiler_found_elsewhere_is_another_compiler()
    {
        await GetAsync();
        using var other = new ToolFolder();
        other.Watch("make");
        other.Watch("gcc-12");
        var profile = await GetAsync(r => r with { SearchPath = other.SearchPath });
        Assert.Equal(1, other.Calls("make"));
        Assert.StartsWith(other.Folder, profile.CompilerPath, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_parameters_are_another_profile()
    {
        await GetAsync();
        await GetAsync(r => r with { CompilerVersionCheck = CompilerVersionCheck.Off });
        await GetAsync(r => r with { CompilerPath = ProcessRunner.FindOnPath("gcc-12", KernelProfiles.SearchPath, "/") });
        Assert.Equal(3, _tools.Calls("make"));
        Assert.Equal(3, Directory.GetFiles(Path.Combine(Cache, "profiles"), "*.profile").Length);
    }

    [Fact]
    public async Task A_damaged_cache_file_is_made_again()
    {
        var first = await GetAsync();
        var good = File.ReadAllBytes(CacheFile);
        byte[][] damaged = [[], good[..100], good[..^1], [.. good, 0], Flip(good, good.Length / 2), Flip(good, 9), Flip(good, good.Length - 3)];
        foreach (var (i, bad) in damaged.Index())
        {
            File.WriteAllBytes(CacheFile, bad);
            Assert.Equal(first.Digest, (await GetAsync()).Digest);
            Assert.Equal(i + 2, _tools.Calls("make"));
        }
    }

    [Fact]
    public async Task A_profile_of_another_kernel_is_not_believed()
    {
        await GetAsync();
        var mine = CacheFile;
        var other = Path.Combine(_folder.Path, "other");
        var diagnostics = new DiagnosticBag();
        var foreign = await KernelProbe.GetAsync(new ProbeRequest { BuildDirectory = Kernels.Newest.BuildDirectory, CacheDirectory = other, SearchPath = _tools.SearchPath }, diagnostics, CancellationToken.None);
        File.Copy(foreign!.CacheFile!, mine, overwrite: true);
        Assert.StartsWith("6.1.", (await GetAsync()).Release, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_secret_of_the_environment_reaches_the_cache()
    {
        const string Secret = "s3cr3t-token-of-nobody";
        Environment.SetEnvironmentVariable("KLP_TEST_TOKEN", Secret);
        Environment.SetEnvironmentVariable("KCFLAGS", "-DLEAKED_" + Secret);
        try
        {
            var profile = await GetAsync();
            Assert.DoesNotContain(profile.CompilerFlags, f => f.Contains(Secret, StringComparison.Ordinal));
            foreach (var file in Directory.EnumerateFiles(Cache, "*", SearchOption.AllDirectories))
            {
                Assert.DoesNotContain(Secret, Encoding.Latin1.GetString(File.ReadAllBytes(file)), StringComparison.Ordinal);
                Assert.DoesNotContain("HOME", KernelProbe.Load(file)?.ToolEnvironment.Keys ?? []);
                Assert.DoesNotContain("PATH", KernelProbe.Load(file)?.ToolEnvironment.Keys ?? []);
            }
        }
        finally
        {
            Environment.SetEnvironmentVariable("KLP_TEST_TOKEN", null);
            Environment.SetEnvironmentVariable("KCFLAGS", null);
        }
    }

    [Fact]
    public async Task Several_builds_at_once_ask_once()
    {
        var profiles = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => GetAsync())));
        Assert.Single(profiles.Select(p => p.Digest).Distinct());
        Assert.Equal(1, _tools.Calls("make"));
    }

    [Fact]
    public async Task A_cache_that_cannot_be_written_costs_a_warning_and_nothing_else()
    {
        File.WriteAllText(Cache, "a file where the folder should be");
        var diagnostics = new DiagnosticBag();
        Assert.NotNull(await KernelProbe.GetAsync(Request(), diagnostics, CancellationToken.None));
        var said = Assert.Single(diagnostics, d => d.Id != "KLP0105");
        Assert.Equal(("KLP0121", Severity.Warning), (said.Id, said.Severity));
    }

    [Fact]
    public async Task Without_a_cache_nothing_is_written()
    {
        var profile = await GetAsync(r => r with { CacheDirectory = null });
        Assert.Null(profile.CacheFile);
        Assert.False(Directory.Exists(Cache));
    }

    [Fact]
    public async Task The_probe_leaves_no_temporary_files_and_does_not_touch_the_tree()
    {
        var temporary = Path.Combine(_folder.Path, "tmp");
        Directory.CreateDirectory(temporary);
        var before = Directory.GetFileSystemEntries(_tree.Directory).Order();
        await GetAsync(r => r with { TemporaryDirectory = temporary });
        Assert.Empty(Directory.GetFileSystemEntries(temporary));
        Assert.Equal(before, Directory.GetFileSystemEntries(_tree.Directory).Order());
    }

    private static byte[] Flip(byte[] bytes, int at)
    {
        var copy = (byte[])bytes.Clone();
        copy[at] ^= 4;
        return copy;
    }

    private ProbeRequest Request() => new() { BuildDirectory = _tree.Directory, CacheDirectory = Cache, SearchPath = _tools.SearchPath };

    private async Task<KernelProfile> GetAsync(Func<ProbeRequest, ProbeRequest>? change = null)
    {
        var diagnostics = new DiagnosticBag();
        var profile = await KernelProbe.GetAsync((change ?? (r => r))(Request()), diagnostics, CancellationToken.None);
        // That the compiler here is another release of the same major version is information (KLP0105), and no problem.
        Assert.True(profile is not null && diagnostics.All(d => (d.Id, d.Severity) == ("KLP0105", Severity.Information)), diagnostics.ToString());
        return profile;
    }
}
