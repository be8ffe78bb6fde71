using Klp.Base;
using Klp.Kernel;
using Klp.Symbols;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Symbols.Index;

/// <summary>Look-ups in the kernels distributions ship: vmlinux by address, modules by symbol table, each as the running kernel counts.</summary>
public sealed class SymbolIndexTests
{
    public static IEnumerable<object[]> Releases => Kernels.NewestOfEachSeries;

    [Theory]
    [MemberData(nameof(Releases))]
    public void Every_duplicated_name_of_vmlinux_has_its_positions_in_ascending_address(string release)
    {
        var index = Open(release);
        var table = Kernel.KernelImageTests.Load(release).Kallsyms;
        var expected = Enumerable.Range(0, table.Count).Select(i => (Name: table.NameOf(i), Address: table.AddressOf(i))).GroupBy(s => s.Name).Where(g => g.Count() > 1).ToList();
        Assert.True(expected.Count > 500, $"{expected.Count} duplicated names");
        var diagnostics = new DiagnosticBag();
        foreach (var group in expected)
        {
            var found = index.Find("vmlinux", group.Key, diagnostics);
            Assert.Equal(group.Select(s => s.Address).Order(), found.Select(s => s.Address));
            Assert.Equal(Enumerable.Range(1, group.Count()), found.Select(s => s.Position));
            Assert.All(found, s => Assert.Equal(group.Count(), s.Count));
        }

        Assert.Empty(diagnostics);
    }

    [Fact]
    public void An_interruption_does_not_wait_for_the_image_to_be_unpacked()
    {
        // Begun and not ended: reading the file takes milliseconds, unpacking it a second.
        using var folder = new TemporaryFolder();
        using var interruption = new CancellationTokenSource();
        // On a thread of its own: the pool's may all be busy with other tests for as long as the image takes.
        var interrupter = new Thread(() =>
        {
            Thread.Sleep(100);
            interruption.Cancel();
        });
        interrupter.Start();
        Assert.Throws<OperationCanceledException>(() => SymbolIndex.Open(new SymbolSources { ImageFile = Kernels.BySeries("6.1").ImageFile }, folder.Path, LoaderRules.For("6.1"), [], interruption.Token));
        interrupter.Join();
        Assert.Empty(Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories));
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void A_modules_symbols_are_counted_in_symbol_table_order(string release)
    {
        var index = Open(release);
        var diagnostics = new DiagnosticBag();
        var duplicated = 0;
        foreach (var module in new[] { "ext4", "snd_hda_codec_realtek", "usbcore", "nf_conntrack", "xfs", "zram", "virtio_net", "drm" })
        {
            var file = index.Modules!.Load(module, diagnostics)!;
            var symbols = file.Symbols.Where(s => !s.IsUndefined && s.Name.Length > 0 && s.Type != Klp.Elf.SymbolType.File).GroupBy(s => s.Name);
            foreach (var group in symbols)
            {
                var found = index.Find(module, group.Key, diagnostics);
                Assert.Equal(group.Select(s => (s.Value, (int)s.SectionIndex)), found.Select(s => (s.Address, s.SectionIndex)));
                duplicated += group.Count() > 1 ? 1 : 0;
            }
        }

        Assert.Empty(diagnostics);
        Assert.True(duplicated > 0);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void What_can_be_patched_is_told_apart_from_what_cannot(string release)
    {
        var index = Open(release);
        Assert.True(One(index, "vmlinux", "cmdline_proc_show") is { HasFtraceEntry: true, IsInit: false, IsFunction: true, Type: 't' });
        Assert.True(One(index, "vmlinux", "start_kernel") is { IsInit: true, IsFunction: true });
        Assert.True(One(index, "vmlinux", "saved_command_line") is { HasFtraceEntry: false, IsFunction: false });
        Assert.True(One(index, "vmlinux", "sched_clock") is { HasFtraceEntry: false, IsFunction: true });
        Assert.True(One(index, "ext4", "ext4_map_blocks") is { HasFtraceEntry: true, IsInit: false });
        Assert.True(One(index, "ext4", "ext4_init_fs") is { IsInit: true });
        Assert.True(index.HasFtraceEntry(One(index, "vmlinux", "cmdline_proc_show")));
    }

    /// <summary>The padding in front of functions has symbols of its own since 6.2; ftrace has nothing there.</summary>
    [Theory]
    [MemberData(nameof(Releases))]
    public void Padding_cannot_be_patched(string release)
    {
        var index = Open(release);
        var diagnostics = new DiagnosticBag();
        foreach (var name in new[] { "vmlinux", "ext4", "ni_routing", "bridge" })
        {
            var all = index.All(name, diagnostics).ToList();
            Assert.DoesNotContain(all, s => s.Name.StartsWith("__pfx_", StringComparison.Ordinal) && s.HasFtraceEntry != false);
            Assert.Contains(all, s => s is { IsFunction: true, HasFtraceEntry: true });
        }

        Assert.Empty(diagnostics);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Relatives_and_near_names_are_offered(string release)
    {
        var index = Open(release);
        var diagnostics = new DiagnosticBag();
        Assert.Equal("cmdline_proc_show", index.Nearest("cmdline_proc_shwo", ["vmlinux"], 3)[0]);
        Assert.Equal("ext4_map_blocks", index.Nearest("ext4_map_block", ["vmlinux", "ext4"], 3)[0]);
        Assert.Empty(index.Nearest("zzzzqqqqzzzzqqqq_nothing_like_it", ["vmlinux"], 3));
        var relatives = index.Relatives("vmlinux", "do_exit");
        Assert.All(relatives, r => Assert.StartsWith("do_exit.", r, StringComparison.Ordinal));
        Assert.All(relatives, r => Assert.NotEmpty(index.Find("vmlinux", r, diagnostics)));
    }

    [Fact]
    public void The_release_must_be_the_targets()
    {
        var kernel = Kernels.Newest;
        var diagnostics = new DiagnosticBag();
        Assert.Null(SymbolIndex.Open(new SymbolSources { ImageFile = kernel.ImageFile, Release = "6.0.0-other" }, null, LoaderRules.For("6.0.0"), diagnostics));
        Assert.Equal("KLP0303", Assert.Single(diagnostics, d => d.Severity == Severity.Error).Id);
    }

    [Fact]
    public void Modules_of_another_kernel_are_refused()
    {
        var kernels = Kernels.NewestOfEachSeries.Select(r => Kernels.ByRelease((string)r[0])).ToList();
        var diagnostics = new DiagnosticBag();
        var index = SymbolIndex.Open(new SymbolSources { ImageFile = kernels[0].ImageFile, ModulesDirectory = kernels[^1].ModulesDirectory }, null, LoaderRules.For("6.1"), diagnostics)!;
        Assert.Empty(index.Find("ext4", "ext4_map_blocks", diagnostics));
        Assert.Empty(index.Find("ext4", "ext4_iget", diagnostics));
        Assert.Equal("KLP0305", Assert.Single(diagnostics, d => d.Severity == Severity.Error).Id);
    }

    [Fact]
    public void Asking_a_missing_module_says_why_once()
    {
        var index = Open(Kernels.Newest.Release);
        var diagnostics = new DiagnosticBag();
        Assert.False(index.Knows("no_such_module"));
        Assert.True(index.Knows("ext4"));
        Assert.True(index.Knows("vmlinux"));
        Assert.Empty(index.Find("no_such_module", "f", diagnostics));
        Assert.Empty(index.Find("no-such-module", "g", diagnostics));
        Assert.Equal("KLP0261", Assert.Single(diagnostics).Id);
    }

    [Fact]
    public void A_module_without_a_symbol_table_is_told_once_and_knows_no_name()
    {
        using var folder = new TemporaryFolder();
        var module = folder.Write("kernel/stripped.ko", CCompiler.Compile("int f(int a) { return a; }"));
        CCompiler.Run("strip", folder.Path, "--strip-all", module);
        folder.Write("modules.dep", "kernel/stripped.ko:\n");
        folder.Write("modules.builtin", "");
        var diagnostics = new DiagnosticBag();
        var index = SymbolIndex.FromSymbols([], LoaderRules.For("6.12.1"), KernelModules.Open(folder.Path, diagnostics));
        Assert.Empty(index.Find("stripped", "f", diagnostics));
        Assert.Empty(index.Find("stripped", "g", diagnostics));
        var error = Assert.Single(diagnostics);
        Assert.Equal(("KLP0312", Severity.Error, module), (error.Id, error.Severity, error.Place.File));
        Assert.Contains("no symbol table", error.Message, StringComparison.Ordinal);
        Assert.Contains("as its package ships it", error.Cure, StringComparison.Ordinal);
    }

    [Fact]
    public void The_source_is_told()
    {
        var diagnostics = new DiagnosticBag();
        var index = SymbolIndex.Open(new SymbolSources { ImageFile = Kernels.Newest.ImageFile }, null, LoaderRules.For("6.12"), diagnostics)!;
        Assert.Contains("does not tell: C file names", index.SourceDescription, StringComparison.Ordinal);
        Assert.Equal("KLP0300", Assert.Single(diagnostics).Id);
        Assert.Equal(Kernels.Newest.Release, index.Release);
    }

    [Fact]
    public void Kernels_built_with_LTO_are_searched_without_the_suffix_where_they_do_so_themselves()
    {
        KernelSymbol[] symbols =
        [
            new("vmlinux", "work.llvm.111", 0x300, 't', 0, 0, false, null), new("vmlinux", "work", 0x100, 't', 0, 0, false, null),
            new("vmlinux", "work.llvm.222", 0x200, 't', 0, 0, false, null), new("vmlinux", "worker", 0x400, 't', 0, 0, false, null),
        ];
        var ordered = symbols.OrderBy(s => s.Address);
        var diagnostics = new DiagnosticBag();
        var stripping = SymbolIndex.FromSymbols(ordered, LoaderRules.For("6.6.1"));
        Assert.Equal([(0x100ul, 1, 3), (0x200ul, 2, 3), (0x300ul, 3, 3)], stripping.Find("vmlinux", "work", diagnostics).Select(s => (s.Address, s.Position, s.Count)));
        Assert.Empty(stripping.Find("vmlinux", "work.llvm.111", diagnostics));
        var exact = SymbolIndex.FromSymbols(ordered, LoaderRules.For("6.12.1"));
        Assert.Equal(0x100ul, Assert.Single(exact.Find("vmlinux", "work", diagnostics)).Address);
        Assert.Equal(0x300ul, Assert.Single(exact.Find("vmlinux", "work.llvm.111", diagnostics)).Address);
    }

    [Fact]
    public void Homonyms_behind_an_init_symbol_of_a_module_have_no_sure_position()
    {
        KernelSymbol[] symbols =
        [
            new("m", "f", 0x10, 't', 0, 0, false, null), new("m", "f", 0x20, 't', 0, 0, true, null), new("m", "f", 0x30, 't', 0, 0, false, null),
        ];
        var found = SymbolIndex.FromSymbols(symbols, LoaderRules.For("6.12.1")).Find("m", "f", new DiagnosticBag());
        Assert.Equal([false, false, true], found.Select(s => s.IsTimingDependent));
    }

    private static KernelSymbol One(SymbolIndex index, string objectName, string name)
    {
        var diagnostics = new DiagnosticBag();
        var found = index.Find(objectName, name, diagnostics);
        Assert.Empty(diagnostics);
        return Assert.Single(found);
    }

    internal static SymbolIndex Open(string release, string? cache = null)
    {
        var kernel = Kernels.ByRelease(release);
        var diagnostics = new DiagnosticBag();
        var index = SymbolIndex.Open(new SymbolSources { ImageFile = kernel.ImageFile, ModulesDirectory = kernel.ModulesDirectory, Release = release }, cache, LoaderRules.For(release), diagnostics);
        Assert.True(index is not null && !diagnostics.HasErrors, diagnostics.ToString());
        return index;
    }
}
