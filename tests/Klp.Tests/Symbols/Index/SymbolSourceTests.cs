using System.Text;
using Klp.Base;
using Klp.Kernel;
using Klp.Symbols;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Symbols.Index;

/// <summary>The other sources: System.map, dumps of /proc/kallsyms, vmlinux files, klp-convert's lists; all give the same index or say what they cannot know.</summary>
public sealed class SymbolSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SyntheticKernel _kernel = new(SyntheticLayout.PlainOffsets615, functions: 1500);
    private readonly DiagnosticBag _diagnostics = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Image_map_dump_and_vmlinux_give_the_same_positions()
    {
        var indexes = new[]
        {
            Open(new SymbolSources { ImageFile = _folder.Write("vmlinuz", _kernel.BzImage()) }),
            Open(new SymbolSources { VmlinuxFile = _folder.Write("vmlinux", _kernel.Payload) }),
            Open(new SymbolSources { SystemMapFile = _folder.Write("System.map", Lines()) }),
            Open(new SymbolSources { KallsymsFile = _folder.Write("kallsyms", Lines()) }),
        };
        foreach (var name in _kernel.Symbols.Select(s => s.Name).Distinct())
        {
            var expected = indexes[0].Find("vmlinux", name, _diagnostics).Select(s => (s.Address, s.Type, s.Position, s.Count, s.IsInit)).ToList();
            Assert.NotEmpty(expected);
            Assert.All(indexes, index => Assert.Equal(expected, index.Find("vmlinux", name, _diagnostics).Select(s => (s.Address, s.Type, s.Position, s.Count, s.IsInit))));
        }

        Assert.Null(indexes[2].Find("vmlinux", "homonym_1", _diagnostics)[0].HasFtraceEntry);
        Assert.False(_diagnostics.HasErrors);
    }

    [Fact]
    public void A_dump_with_hidden_addresses_still_has_the_order()
    {
        var index = Open(new SymbolSources { KallsymsFile = _folder.Write("kallsyms", Lines(hidden: true)) });
        Assert.Contains(_diagnostics, d => d.Id == "KLP0307");
        var expected = _kernel.Symbols.Count(s => s.Name == "homonym_2");
        Assert.Equal(Enumerable.Range(1, expected), index.Find("vmlinux", "homonym_2", _diagnostics).Select(s => s.Position));
    }

    [Fact]
    public void A_dump_has_the_loaded_modules_too()
    {
        var text = Lines() + "ffffffffc0000000 t show\t[snd-thing]\nffffffffc0000100 t show\t[snd-thing]\nffffffffc0200000 t bpf_prog_1234\t[bpf]\n";
        var index = Open(new SymbolSources { KallsymsFile = _folder.Write("kallsyms", text) });
        Assert.Equal([0xffffffffc0000000ul, 0xffffffffc0000100ul], index.Find("snd_thing", "show", _diagnostics).Select(s => s.Address));
        Assert.False(index.Knows("bpf"));
    }

    [Fact]
    public void A_dump_that_was_sorted_by_name_is_counted_by_address_and_warned_of()
    {
        var sorted = string.Join('\n', Lines().Split('\n', StringSplitOptions.RemoveEmptyEntries).OrderBy(l => l[17..], StringComparer.Ordinal).ThenByDescending(l => l, StringComparer.Ordinal));
        var index = Open(new SymbolSources { KallsymsFile = _folder.Write("kallsyms", sorted) });
        var found = index.Find("vmlinux", "homonym_1", _diagnostics);
        Assert.True(found.Count > 1);
        Assert.Equal(_kernel.Symbols.Where(s => s.Name == "homonym_1").Select(s => s.Address).Order(), found.Select(s => s.Address));
        Assert.Contains(_diagnostics, d => d is { Id: "KLP0865", Severity: Severity.Warning });
    }

    [Fact]
    public void A_module_is_not_taken_for_a_vmlinux()
    {
        var diagnostics = new DiagnosticBag();
        var module = _folder.Write("vmlinux", TestMachine.X86_64.Compile("int f(void) { return 3; }").Write());
        Assert.Null(SymbolIndex.Open(new SymbolSources { VmlinuxFile = module }, null, LoaderRules.For("6.1"), diagnostics));
        Assert.Equal("KLP0864", Assert.Single(diagnostics).Id);
    }

    [Fact]
    public void Debians_stand_in_for_System_map_is_passed_over()
    {
        var stub = _folder.Write("System.map", "ffffffffffffffff B The real System.map is in the linux-image-<version>-dbg package\n");
        var index = Open(new SymbolSources { SystemMapFile = stub, SymbolListFile = _folder.Write("Symbols.list", "klp-convert-symbol-data.0.1\n*vmlinux\nfoo\n") });
        Assert.Contains(_diagnostics, d => d is { Id: "KLP0306", Severity: Severity.Information });
        Assert.True(index.Knows("vmlinux"));
        var alone = Open(new SymbolSources { SystemMapFile = stub });
        Assert.False(alone.Knows("vmlinux"));
    }

    [Fact]
    public void An_unusable_source_is_passed_over_with_a_warning_and_an_error_where_it_was_the_only_one()
    {
        var broken = _folder.Write("vmlinuz", "no kernel at all");
        var map = _folder.Write("System.map", Lines());
        Assert.NotNull(Open(new SymbolSources { ImageFile = broken, SystemMapFile = map }));
        Assert.Contains(_diagnostics, d => d is { Id: "KLP0302", Severity: Severity.Warning });
        var diagnostics = new DiagnosticBag();
        Assert.Null(SymbolIndex.Open(new SymbolSources { ImageFile = broken, ModulesDirectory = "/nonexistent" }, null, LoaderRules.For("6.1"), diagnostics));
        Assert.Equal(["KLP0240", "KLP0260"], diagnostics.Where(d => d.Severity == Severity.Error).Select(d => d.Id).Order());
    }

    [Fact]
    public void A_named_source_that_does_not_exist_is_told_also_where_another_one_comes_first()
    {
        var image = _folder.Write("vmlinuz", _kernel.BzImage());
        var folder = _folder.Path;
        Assert.NotNull(Open(new SymbolSources { ImageFile = image, SystemMapFile = "/nonexistent/map", KallsymsFile = folder, SymbolListFile = "/nonexistent/list" }));
        var said = _diagnostics.Where(d => d is { Id: "KLP0302", Severity: Severity.Warning }).ToList();
        Assert.Equal(["/nonexistent/list", "/nonexistent/map"], said.Where(d => d.Message.Contains("does not exist", StringComparison.Ordinal)).Select(d => d.Place.File).Order());
        Assert.Equal([folder], said.Where(d => d.Message.Contains("is a folder", StringComparison.Ordinal)).Select(d => d.Place.File));
    }

    [Theory]
    [InlineData("ffffffff81000000 T _text\nnot a line\n")]
    [InlineData("ffffffff81000000 T _text\nffffffff81000010 t f\n")]
    [InlineData("")]
    public void What_is_no_map_and_no_dump_is_an_error(string text)
    {
        foreach (var sources in new[] { new SymbolSources { SystemMapFile = _folder.Write("map", text) }, new SymbolSources { KallsymsFile = _folder.Write("dump", text) } })
        {
            var diagnostics = new DiagnosticBag();
            Assert.Null(SymbolIndex.Open(sources, null, LoaderRules.For("6.1"), diagnostics));
            Assert.Equal("KLP0301", Assert.Single(diagnostics).Id);
        }
    }

    [Fact]
    public void A_vmlinux_of_another_build_than_the_image_is_an_error()
    {
        var other = new SyntheticKernel(functions: 700);
        other.BuildId[0] ^= 1;
        var bytes = (byte[])_kernel.Payload.Clone();
        bytes[0x1110] ^= 1; // the build-id
        var diagnostics = new DiagnosticBag();
        Assert.Null(SymbolIndex.Open(new SymbolSources { ImageFile = _folder.Write("vmlinuz", _kernel.BzImage()), VmlinuxFile = _folder.Write("vmlinux", bytes) }, null, LoaderRules.For("6.1"), diagnostics));
        Assert.Equal("KLP0304", Assert.Single(diagnostics, d => d.Severity == Severity.Error).Id);
    }

    [Theory]
    [InlineData("", 0, "empty")]                                                    // T01
    [InlineData("klp-convert-symbol-data.0.2\n*vmlinux\nf\n", 1, "unknown format")] // T02
    [InlineData("klp-convert-symbol-data.0.1\nf\n*vmlinux\n", 2, "before the first")] // T03
    [InlineData("klp-convert-symbol-data.0.1\n", 0, "nothing but its header")]
    [InlineData("klp-convert-symbol-data.0.1", 0, "nothing but its header")]
    public void A_broken_symbol_list_is_an_error_with_its_line(string text, int line, string message)
    {
        var diagnostics = new DiagnosticBag();
        Assert.Null(SymbolIndex.Open(new SymbolSources { SymbolListFile = _folder.Write("Symbols.list", text) }, null, LoaderRules.For("6.1"), diagnostics));
        var error = Assert.Single(diagnostics);
        Assert.Equal(("KLP0308", line), (error.Id, error.Place.Line));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("klp-convert-symbol-data.0.1\n*vmlinux\nf\ng\nf\n*snd-hda-intel\nprobe\n")]
    [InlineData("klp-convert-symbol-data.0.1\r\n*vmlinux\r\nf t\r\ng T\r\nf t\r\n*snd-hda-intel.ko\r\nprobe t")]         // T04, and the oldest generator
    [InlineData("klp-convert-symbol-data.0.1\n*vmlinux\nf\tt\ng\tT\nf\tt\n*snd-hda-intel\nprobe\tt\n")]
    [InlineData("klp-convert-symbol-data.0.1 junk\n*vmlinux\nf\n*snd_hda_intel\nprobe\n*vmlinux\ng\nf\n")]               // T02, T06
    public void A_symbol_list_counts_homonyms_and_normalises_names(string text)
    {
        var index = Open(new SymbolSources { SymbolListFile = _folder.Write("Symbols.list", text) });
        Assert.Equal([1, 2], index.Find("vmlinux", "f", _diagnostics).Select(s => s.Position));
        Assert.All(index.Find("vmlinux", "f", _diagnostics), s => Assert.Equal(2, s.Count));
        Assert.Single(index.Find("vmlinux", "g", _diagnostics));
        Assert.Single(index.Find("snd-hda-intel", "probe", _diagnostics)); // T05
        Assert.False(index.KnowsPositions("vmlinux"));
        Assert.Contains("order of homonyms", index.SourceDescription, StringComparison.Ordinal);
        Assert.Equal(text.Contains("junk", StringComparison.Ordinal), _diagnostics.Any(d => d.Id == "KLP0309"));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData(" t\n")]
    [InlineData("\r\n")]
    [InlineData("\n\n")]
    public void A_name_found_among_a_lists_lines_is_the_one_its_tables_have(string end)
    {
        string[] names = ["f", "f", "ff", "f", "*a", "g", "f", "f", "f", "*vmlinux", "x", "f", "g", "f"];
        var index = Open(new SymbolSources { SymbolListFile = _folder.Write("Symbols.list", "klp-convert-symbol-data.0.1\n*vmlinux\n" + string.Concat(names.Select(n => n + (n[0] == '*' ? end.Replace(" t", "", StringComparison.Ordinal) : end)))) });
        string[] asked = ["f", "ff", "g", "x", "fff", "", "a", "*a", "f\nf", "klp-convert-symbol-data.0.1"];
        var byLine = asked.Select(n => (index.Find("vmlinux", n, _diagnostics), index.Find("a", n, _diagnostics))).ToList();

        Assert.Equal(["f", "f", "f", "f", "f", "ff", "g", "x"], index.All("vmlinux", _diagnostics).Select(s => s.Name));
        Assert.Equal(["f", "f", "f", "g"], index.All("a", _diagnostics).Select(s => s.Name));
        Assert.Contains("12 symbols", index.SourceDescription, StringComparison.Ordinal);
        Assert.Equal([5, 3], [byLine[0].Item1.Count, byLine[0].Item2.Count]);
        foreach (var (name, (vmlinux, a)) in asked.Zip(byLine))
        {
            Assert.Equal(index.Find("vmlinux", name, _diagnostics), vmlinux);
            Assert.Equal(index.Find("a", name, _diagnostics), a);
        }
    }

    [Fact]
    public void A_symbol_list_of_another_build_than_the_image_is_not_used() // T07
    {
        var image = _folder.Write("vmlinuz", _kernel.BzImage());
        var fitting = "klp-convert-symbol-data.0.1\n*vmlinux\n" + string.Join('\n', _kernel.Symbols.Select(s => s.Name)) + "\n";
        Open(new SymbolSources { ImageFile = image, SymbolListFile = _folder.Write("good.list", fitting) });
        Assert.DoesNotContain(_diagnostics, d => d.Id == "KLP0313");
        Open(new SymbolSources { ImageFile = image, SymbolListFile = _folder.Write("old.list", fitting.Replace("_do_thing_", "_did_thing_", StringComparison.Ordinal)) });
        Assert.Contains(_diagnostics, d => d.Id == "KLP0313");
    }

    [Fact]
    public void Damaged_text_sources_are_survived()
    {
        var random = new Random(Soak.Seed);
        var list = Encoding.Latin1.GetBytes("klp-convert-symbol-data.0.1\n*vmlinux\n" + string.Join('\n', _kernel.Symbols.Select(s => s.Name)) + "\n");
        var map = Encoding.Latin1.GetBytes(Lines());
        for (var round = 0; round < Soak.Rounds(300); round++)
        {
            var sources = new SymbolSources { SymbolListFile = _folder.Write("a", Mutation.Of(list, random)) };
            sources = round % 3 == 0 ? sources : round % 3 == 1 ? new() { SystemMapFile = _folder.Write("b", Mutation.Of(map, random)) } : new() { KallsymsFile = _folder.Write("c", Mutation.Of(map, random)) };
            var diagnostics = new DiagnosticBag();
            var index = SymbolIndex.Open(sources, null, LoaderRules.For("6.1"), diagnostics);
            Assert.True(index is not null || diagnostics.HasErrors, $"round {round}");
        }
    }

    private string Lines(bool hidden = false) => string.Concat(_kernel.Symbols.Select(s => $"{(hidden ? 0 : s.Address):x16} {s.Type} {s.Name}\n"));

    private SymbolIndex Open(SymbolSources sources)
    {
        var index = SymbolIndex.Open(sources, null, LoaderRules.For("6.12"), _diagnostics);
        Assert.True(index is not null, _diagnostics.ToString());
        return index;
    }
}
