using Klp.Base;
using Klp.Kernel;
using Klp.Symbols;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Symbols.Index;

/// <summary>The index on disk: believed only where every byte is right and of the file at hand.</summary>
public sealed class IndexCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SyntheticKernel _kernel = new(functions: 700);

    private string Cache => Path.Combine(_folder.Path, "cache");

    private string Image => Path.Combine(_folder.Path, "vmlinuz");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_unchanged_image_is_not_read_again()
    {
        WriteImage(_kernel.BzImage());
        var cold = Homonyms();
        // Same size and time, other content: proof that the second look reads nothing but the cache.
        WriteImage(new byte[new FileInfo(Image).Length]);
        Assert.Equal(cold, Homonyms());
        Assert.Equal(2, Files().Length);
    }

    [Fact]
    public void What_a_killed_writer_left_goes_with_the_next_index_that_is_written()
    {
        WriteImage(_kernel.BzImage());
        // No process has so high a number.
        var dead = _folder.Write("cache/symbols/module-0-v1.klpindex.7fffffff-0.tmp", "cut");
        var living = _folder.Write($"cache/symbols/module-1-v1.klpindex.{Environment.ProcessId:x}-0.tmp", "being written");
        Homonyms();
        Assert.False(File.Exists(dead));
        Assert.True(File.Exists(living));
    }

    [Fact]
    public void A_changed_image_is_read_again()
    {
        WriteImage(_kernel.BzImage());
        var before = Homonyms();
        var other = new SyntheticKernel(functions: 900);
        WriteImage(other.BzImage());
        var after = Homonyms();
        Assert.NotEqual(before, after);
        Assert.Equal(other.Symbols.Where(s => s.Name == "homonym_1").Select(s => s.Address), after.Select(s => s.Address));
    }

    [Fact]
    public void The_same_content_elsewhere_is_the_same_index()
    {
        WriteImage(_kernel.BzImage());
        Homonyms();
        var copy = _folder.Write("copy", _kernel.BzImage());
        File.SetLastWriteTimeUtc(copy, new DateTime(2021, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.NotNull(Open(copy));
        Assert.Single(Files(), f => f.EndsWith(".klpindex", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_changed_just_now_is_not_trusted_by_its_time()
    {
        File.WriteAllBytes(Image, _kernel.BzImage());
        Homonyms();
        Assert.DoesNotContain(Files(), f => f.EndsWith(".key", StringComparison.Ordinal));
    }

    [Fact]
    public void Damage_anywhere_in_the_cache_changes_no_answer()
    {
        WriteImage(_kernel.BzImage());
        var expected = Homonyms();
        var file = Assert.Single(Files(), f => f.EndsWith(".klpindex", StringComparison.Ordinal));
        var good = File.ReadAllBytes(file);
        var random = new Random(Soak.Seed);
        for (var round = 0; round < Soak.Rounds(300); round++)
        {
            SwapIn(file, Mutation.Of(good, random));
            Assert.Equal(expected, Homonyms());
            Assert.Equal(good, File.ReadAllBytes(file));
        }
    }

    [Fact]
    public void Ten_thousand_damaged_index_files_open_to_nothing_or_to_the_truth()
    {
        WriteImage(_kernel.BzImage());
        Homonyms();
        var good = File.ReadAllBytes(Assert.Single(Files(), f => f.EndsWith(".klpindex", StringComparison.Ordinal)));
        var digest = Digest.OfBytes(_kernel.BzImage());
        var random = new Random(Soak.Seed);
        var survivors = 0;
        for (var round = 0; round < Soak.Rounds(10_000); round++)
        {
            var damaged = Mutation.Of(good, random);
            if (!damaged.AsSpan().SequenceEqual(good) && IndexFile.Open(damaged) is { } file && SymbolTables.FromParts(file, digest) is not null)
            {
                survivors++;
            }
        }

        // Padding between parts is in no checksum, and in no answer.
        Assert.InRange(survivors, 0, 20);
    }

    [Fact]
    public void Every_damaged_byte_of_a_part_is_noticed_when_the_part_is_asked_for()
    {
        var good = IndexFile.Write([("facts", "of a module"u8.ToArray()), ("modinfo", "depends=one,two\0"u8.ToArray())]);
        foreach (var (name, content) in new[] { ("facts", "of a module"), ("modinfo", "depends=one,two\0") })
        {
            var start = good.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(content));
            for (var at = start; at < start + content.Length; at++)
            {
                var damaged = good.ToArray();
                damaged[at] ^= 1;
                Assert.Null(IndexFile.Open(damaged)!.Part(name));
            }
        }
    }

    /// <summary>Even where the checksum is right (somebody made it so), nothing outside the file is touched.</summary>
    [Fact]
    public void Forged_tables_with_right_checksums_are_survived()
    {
        var builder = new ObjectSymbolsBuilder();
        for (var i = 0; i < 300; i++)
        {
            builder.Add($"name_{i % 90}", (ulong)i, 't', 0, 0, i % 7 == 0 ? $"file_{i}.c" : null);
        }

        var good = builder.Build();
        var random = new Random(Soak.Seed);
        for (var round = 0; round < Soak.Rounds(10_000); round++)
        {
            var forged = Mutation.Of(good, random);
            if (ObjectSymbols.Open("vmlinux", forged) is not { } symbols)
            {
                continue;
            }

            _ = symbols.Find("name_5");
            _ = symbols.Find("");
            _ = symbols.Find(new string('~', 50));
            _ = symbols.NamesWithPrefix("name_8");
            _ = symbols.FindIgnoringLlvmSuffix("name_7");
            for (var i = 0; i < symbols.NameCount && i < 500; i += 11)
            {
                _ = symbols.SymbolsOf(i);
            }
        }
    }

    [Fact]
    public void Another_kernels_index_under_this_ones_name_is_not_believed()
    {
        WriteImage(_kernel.BzImage());
        var expected = Homonyms();
        var mine = Assert.Single(Files(), f => f.EndsWith(".klpindex", StringComparison.Ordinal));
        var other = Path.Combine(_folder.Path, "other");
        File.WriteAllBytes(other, new SyntheticKernel(functions: 900).BzImage());
        Assert.NotNull(Open(other));
        SwapIn(mine, File.ReadAllBytes(Files().Single(f => f != mine && f.EndsWith(".klpindex", StringComparison.Ordinal))));
        Assert.Equal(expected, Homonyms());
    }

    [Fact]
    public void Several_builds_may_make_the_index_at_once()
    {
        WriteImage(_kernel.BzImage());
        var all = new IReadOnlyList<KernelSymbol>[16];
        Parallel.For(0, all.Length, i => all[i] = Homonyms());
        Assert.All(all, found => Assert.Equal(all[0], found));
        Assert.DoesNotContain(Files(), f => f.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public void A_cache_that_cannot_be_written_costs_nothing_but_time()
    {
        WriteImage(_kernel.BzImage());
        File.WriteAllText(Cache, "a file where the folder should be");
        var diagnostics = new DiagnosticBag();
        var index = SymbolIndex.Open(new SymbolSources { ImageFile = Image }, Cache, LoaderRules.For("6.6"), diagnostics);
        Assert.NotNull(index);
        Assert.Contains(diagnostics, d => d is { Id: "KLP0310", Severity: Severity.Information });
        Assert.False(diagnostics.HasErrors);
    }

    [Fact]
    public void A_distribution_kernel_is_answered_alike_from_cache_and_without()
    {
        var release = Kernels.Newest.Release;
        var diagnostics = new DiagnosticBag();
        string[] names = ["cmdline_proc_show", "show", "start_kernel", "no_such_name"];
        var without = SymbolIndexTests.Open(release);
        for (var round = 0; round < 2; round++)
        {
            var cached = SymbolIndexTests.Open(release, Cache);
            Assert.All(names, n => Assert.Equal(without.Find("vmlinux", n, diagnostics), cached.Find("vmlinux", n, diagnostics)));
            Assert.Equal(without.Find("ext4", "ext4_map_blocks", diagnostics), cached.Find("ext4", "ext4_map_blocks", diagnostics));
            Assert.Equal(without.Modules!.DependencyClosure("ext4"), cached.Modules!.DependencyClosure("ext4"));
            Assert.Equal(without.Modules!.Vermagic("ext4", diagnostics), cached.Modules!.Vermagic("ext4", diagnostics));
        }

        Assert.Empty(diagnostics);
    }

    private void WriteImage(byte[] content)
    {
        File.WriteAllBytes(Image, content);
        File.SetLastWriteTimeUtc(Image, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
    }

    /// <summary>By rename, as every writer of the cache does it: the old mapping stays whole.</summary>
    private static void SwapIn(string file, byte[] content)
    {
        File.WriteAllBytes(file + ".new", content);
        File.Move(file + ".new", file, overwrite: true);
    }

    private string[] Files() => Directory.Exists(Cache) ? Directory.GetFiles(Cache, "*", SearchOption.AllDirectories) : [];

    private IReadOnlyList<KernelSymbol> Homonyms()
    {
        var diagnostics = new DiagnosticBag();
        var found = Open(Image).Find("vmlinux", "homonym_1", diagnostics);
        Assert.NotEmpty(found);
        return found;
    }

    private SymbolIndex Open(string image)
    {
        var diagnostics = new DiagnosticBag();
        var index = SymbolIndex.Open(new SymbolSources { ImageFile = image }, Cache, LoaderRules.For("6.6"), diagnostics);
        Assert.True(index is not null, diagnostics.ToString());
        return index;
    }
}
