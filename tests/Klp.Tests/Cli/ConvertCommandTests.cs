using System.Text.Json;
using Klp.Cli;
using Klp.Elf;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Cli;

/// <summary>The commands that convert, turn back and show modules, called as the tool's own main does.</summary>
public sealed class ConvertCommandTests : IDisposable
{
    private const string Source = """
        extern int foo(int), _printk(const char *, ...);
        int replacement(int a) { return foo(a) + _printk("here"); }
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly string _list;
    private readonly string _input;
    private readonly string _output;

    public ConvertCommandTests()
    {
        _list = _folder.Write("symbols.klp", "klp-convert-symbol-data.0.1\n*vmlinux\n_printk\n__ksymtab__printk\nfoo\ntwo\ntwo\n*ext4\next4_thing\n");
        _input = _folder.Write("in.ko", TestMachine.X86_64.Compile(Source, "-g").Write());
        _output = Path.Combine(_folder.Path, "out.ko");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Klp_converts_command_line_works_unchanged()
    {
        var (status, _, error) = await Klp("convert", _list, _input, _output);
        Assert.True(status == 0, error);
        var output = CCompiler.Read(File.ReadAllBytes(_output));
        Assert.Contains(output.Symbols, s => s.Name == ".klp.sym.vmlinux.foo,0" && s.SectionIndex == 0xff20);
        // Exported, as the list's own __ksymtab_ line says.
        Assert.Contains(output.Symbols, s => s.Name == "_printk" && s.IsUndefined);
    }

    [Fact]
    public async Task Converting_twice_and_onto_itself_changes_nothing()
    {
        Assert.Equal(0, (await Klp("convert", _list, _input, _output)).Status);
        var first = File.ReadAllBytes(_output);
        Assert.Equal(0, (await Klp("convert", _list, _output, _output)).Status);
        Assert.Equal(first, File.ReadAllBytes(_output));
        Assert.Equal(["in.ko", "out.ko", "symbols.klp"], Directory.EnumerateFiles(_folder.Path).Select(f => Path.GetFileName(f)).Where(f => f != "cache").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("two", "KLP0350")]
    [InlineData("nowhere", "KLP0351")]
    public async Task A_conversion_that_fails_leaves_the_old_output(string symbol, string code)
    {
        File.WriteAllText(_output, "old");
        var input = _folder.Write("bad.ko", TestMachine.X86_64.Compile(Source.Replace("foo", symbol, StringComparison.Ordinal), "-g").Write());
        var (status, _, error) = await Klp("convert", _list, input, _output);
        Assert.Equal(1, status);
        Assert.Contains(code, error, StringComparison.Ordinal);
        Assert.Contains("input.c(2", error, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(_output));
    }

    [Fact]
    public async Task A_hint_says_which_symbol_is_meant()
    {
        var input = _folder.Write("two.ko", TestMachine.X86_64.Compile(Source.Replace("foo", "two", StringComparison.Ordinal)).Write());
        Assert.Equal(0, (await Klp("convert", "--hint", "two=vmlinux,2", _list, input, _output)).Status);
        Assert.Contains(CCompiler.Read(File.ReadAllBytes(_output)).Symbols, s => s.Name == ".klp.sym.vmlinux.two,2");
        var (status, _, error) = await Klp("convert", "--hint", "two", _list, input, _output);
        Assert.Equal(1, status);
        Assert.Contains("KLP0407", error, StringComparison.Ordinal);
    }

    /// <summary>T09: every length of a cut off header, and files that are something else.</summary>
    [Fact]
    public async Task What_is_no_module_is_refused_and_nothing_is_written()
    {
        var bytes = File.ReadAllBytes(_input);
        var executable = CCompiler.Read(bytes);
        executable.Type = ElfType.Executable;
        var inputs = Enumerable.Range(0, 65).Select(n => bytes[..n]).Append("text"u8.ToArray()).Append(executable.Write());
        foreach (var content in inputs)
        {
            var (status, _, error) = await Klp("convert", _list, _folder.Write("bad.ko", content), _output);
            Assert.Equal(1, status);
            Assert.Contains("error KLP", error, StringComparison.Ordinal);
            Assert.False(File.Exists(_output));
        }
    }

    /// <summary>T08.</summary>
    [Fact]
    public async Task Files_that_cannot_be_read_or_written_are_named()
    {
        var (status, _, error) = await Klp("convert", _list, Path.Combine(_folder.Path, "missing.ko"), _output);
        Assert.Equal((1, true), (status, error.Contains("missing.ko", StringComparison.Ordinal)));
        (status, _, error) = await Klp("convert", _list, _input, Path.Combine(_input, "out.ko"));
        Assert.Equal((1, true), (status, error.Contains("KLP001", StringComparison.Ordinal)));
        (status, _, _) = await Klp("convert", _input);
        Assert.Equal(2, status);
    }

    /// <summary>T10.</summary>
    [Theory]
    [InlineData("arm64")]
    [InlineData("ppc64le")]
    [InlineData("s390x")]
    public async Task An_object_of_another_machine_than_the_kernels_is_refused(string machine)
    {
        var input = _folder.Write("other.ko", TestMachine.Named(machine).Compile(Source).Write());
        var (status, _, error) = await Klp("convert", "--image", Kernels.Newest.ImageFile, input, _output);
        Assert.Equal(1, status);
        Assert.Contains($"error KLP0391: This object is for {machine}, and the kernel is for x86_64.", error, StringComparison.Ordinal);
        Assert.DoesNotContain("KLP035", error, StringComparison.Ordinal);
        Assert.False(File.Exists(_output));
    }

    [Fact]
    public async Task Json_tells_decisions_and_findings()
    {
        var (status, output, _) = await Klp("convert", "--json", _list, _input, _output);
        Assert.Equal(0, status);
        using var document = JsonDocument.Parse(output);
        var symbols = document.RootElement.GetProperty("symbols").EnumerateArray().ToDictionary(s => s.GetProperty("name").GetString()!, s => s.GetProperty("decision").GetString());
        Assert.Equal(("Livepatch", "Import"), (symbols["foo"], symbols["_printk"]));
    }

    [Fact]
    public async Task Dump_shows_the_tables_for_people_and_for_programs()
    {
        Assert.Equal(0, (await Klp("convert", _list, _input, _output)).Status);
        var (status, text, _) = await Klp("dump", "--relocations", _output);
        Assert.Equal(0, status);
        Assert.Contains(".klp.rela.vmlinux.text  object vmlinux", text, StringComparison.Ordinal);
        Assert.Contains("OS [0xff20] .klp.sym.vmlinux.foo,0  foo of vmlinux, unique, 1 uses", text, StringComparison.Ordinal);
        Assert.Contains("R_X86_64_PLT32", text, StringComparison.Ordinal);
        using var document = JsonDocument.Parse((await Klp("dump", "--json", _output)).Output);
        var section = Assert.Single(document.RootElement.GetProperty("sections").EnumerateArray().ToList());
        Assert.Equal(0x100042, section.GetProperty("flags").GetInt32());
        Assert.Equal(1, (await Klp("dump", _list)).Status);
    }

    [Fact]
    public async Task Unconvert_makes_what_other_tools_can_read()
    {
        Assert.Equal(0, (await Klp("convert", _list, _input, _output)).Status);
        var plain = Path.Combine(_folder.Path, "plain.ko");
        Assert.Equal(0, (await Klp("unconvert", _output, plain)).Status);
        Assert.Matches(@"R_X86_64_PLT32\s+foo-0x4", CCompiler.Run("objdump", _folder.Path, "-dr", plain));
    }

    [Fact]
    public async Task Unconvert_copies_what_has_nothing_to_turn_back_and_says_so()
    {
        var (status, _, error) = await Klp("unconvert", _input, _output);
        Assert.Equal(0, status);
        Assert.Contains("in.ko: info KLP0405: The module has no livepatch relocations; there was nothing to turn back.", error, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(_input), File.ReadAllBytes(_output));
    }

    [Theory]
    [InlineData(Source)]
    [InlineData("int own(int a) { return a; }")]
    public async Task A_module_stripped_of_its_symbols_is_refused_though_nothing_in_it_asks_for_conversion(string source)
    {
        var input = _folder.Write("stripped.ko", TestMachine.X86_64.Compile(source).Write());
        CCompiler.Run("strip", _folder.Path, "--strip-all", input);
        var (status, _, error) = await Klp("convert", _list, input, _output);
        Assert.Equal(1, status);
        Assert.Contains("stripped.ko: error KLP0402: The module has no symbol table (it was stripped of all symbols). Convert the unstripped module", error, StringComparison.Ordinal);
        Assert.DoesNotContain("KLP0403", error, StringComparison.Ordinal);
        Assert.False(File.Exists(_output));
    }

    [Theory]
    [InlineData("convert")]
    [InlineData("unconvert")]
    [InlineData("dump")]
    public async Task Every_command_has_help_with_examples(string command)
    {
        var (status, output, _) = await Klp(command, "--help");
        Assert.Equal(0, status);
        Assert.Contains("Examples:", output, StringComparison.Ordinal);
        Assert.Contains("Exit status:", output, StringComparison.Ordinal);
    }

    private async Task<(int Status, string Output, string Error)> Klp(string command, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var cache = new TemporaryFolder();
        var more = command == "convert" && arguments.Length > 1 ? new[] { "--cache-directory", cache.Path } : [];
        var status = await KlpCommand.RunAsync([command, .. more, .. arguments], new Terminal(output, error));
        return (status, output.ToString(), error.ToString());
    }
}
