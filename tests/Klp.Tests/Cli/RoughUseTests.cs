using System.Text.Json;
using Klp.Cli;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Cli;

/// <summary>The tool where something around it is wrong: names that are empty, outputs that take nothing, links, compressed files.</summary>
public sealed class RoughUseTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _module;

    public RoughUseTests() => _module = _folder.Write("fix.ko", TestMachine.X86_64.Compile("int f(void) { return 3; }", "-g").Write());

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("dump", "")]
    [InlineData("check", "")]
    [InlineData("convert", "in.ko", "")]
    [InlineData("convert", "", "out.ko")]
    [InlineData("unconvert", "in.ko", "")]
    [InlineData("run", "--module", "")]
    public async Task An_empty_file_name_is_a_wrong_command_line(params string[] arguments)
    {
        var (status, output, error) = await KlpAsync(arguments);
        Assert.Equal((2, ""), (status, output));
        Assert.Contains("The name of a file is empty", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_output_name_does_not_strip_the_module_itself()
    {
        var before = await File.ReadAllBytesAsync(_module);
        Assert.Equal(2, (await KlpAsync("strip", _module, "-o", "")).Status);
        Assert.Equal(before, await File.ReadAllBytesAsync(_module));
    }

    [Fact]
    public async Task Stripping_in_place_strips_what_a_link_leads_to()
    {
        var link = _folder.Combine("link.ko");
        File.CreateSymbolicLink(link, "fix.ko");
        var before = new FileInfo(_module).Length;
        Assert.Equal(0, (await KlpAsync("strip", link)).Status);
        Assert.Equal("fix.ko", new FileInfo(link).LinkTarget);
        Assert.True(new FileInfo(_module).Length < before);
    }

    [Fact]
    public async Task A_compressed_module_is_not_replaced_by_a_plain_one()
    {
        CCompiler.Run("gzip", _folder.Path, "fix.ko");
        var before = await File.ReadAllBytesAsync(_module + ".gz");
        var (status, _, error) = await KlpAsync("strip", _module + ".gz");
        Assert.Equal(1, status);
        Assert.Contains("KLP0862", error, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(_module + ".gz"));
        Assert.Equal(0, (await KlpAsync("strip", _module + ".gz", "-o", _module)).Status);
    }

    [Theory]
    [InlineData("strip", "--strip-debug")]
    [InlineData("ld", "-r", "-o", "broken.ko")]
    public async Task A_livepatch_that_another_tool_broke_is_neither_stripped_nor_converted_nor_turned_back(string tool, params string[] options)
    {
        // GNU strip drops the local symbols in front and keeps the old numbers in the livepatch sections.
        var source = "extern int f(void) __asm__(\".klp.sym.rela.vmlinux.vmlinux.f.0\"); static int l(void) { return 3; } int (*p)(void) = l; int g(void) { return f(); }";
        var input = _folder.Write("in.ko", TestMachine.X86_64.Compile(source, "-g").Write());
        var list = _folder.Write("list", "klp-convert-symbol-data.0.1\n*vmlinux\nf\n");
        var (good, broken, output) = (_folder.Combine("good.ko"), _folder.Combine("broken.ko"), _folder.Combine("out.ko"));
        string[] convert = ["convert", "--cache-directory", _folder.Combine("cache"), list];
        Assert.Equal(0, (await KlpAsync([.. convert, input, good])).Status);
        File.Copy(good, broken);
        CCompiler.Run(tool, _folder.Path, [.. options, tool == "ld" ? good : broken]);
        foreach (var command in new string[][] { ["strip", broken, "-o", output], ["unconvert", broken, output], [.. convert, broken, output] })
        {
            var (status, _, error) = await KlpAsync(command);
            Assert.Equal(1, status);
            Assert.Contains("KLP0585", error, StringComparison.Ordinal);
            Assert.False(File.Exists(output));
        }

        Assert.Equal(0, (await KlpAsync("strip", broken, "--unstripped", good, "-o", output)).Status);
    }

    [Fact]
    public async Task An_open_quote_in_options_for_QEMU_is_an_error_before_anything_starts()
    {
        var (status, _, error) = await KlpAsync("run", "--module", _module, "--qemu-options", "-append 'quiet");
        Assert.Equal(1, status);
        Assert.Contains("KLP0029", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_modules_strings_cannot_steer_the_terminal()
    {
        var hostile = _folder.Write("hostile.ko", TestMachine.X86_64.Compile("const char n[] __attribute__((section(\".modinfo\"))) = \"license=GPL\\033[2J\";").Write());
        var (status, output, _) = await KlpAsync("dump", hostile);
        Assert.Equal(0, status);
        Assert.Contains("license=GPL\\x1b[2J", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dump")]
    [InlineData("dump", "--json")]
    [InlineData("dump", "--help")]
    public async Task Output_that_takes_nothing_fails_with_a_code_and_no_stack_trace(params string[] arguments)
    {
        using var error = new StringWriter();
        await using var full = new StreamWriter(new FullDisk()) { AutoFlush = true };
        var status = await KlpCommand.RunAsync([.. arguments, _module], new Terminal(full, error));
        Assert.Equal(1, status);
        Assert.StartsWith("error KLP0861: The result cannot be written to standard output: No space left on device.", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(">>", "/dev/stdout")]
    [InlineData(">>", "/proc/self/fd/1")]
    [InlineData(">", "/dev/stdout")]
    public async Task A_file_behind_standard_output_is_written_where_the_shell_left_off(string redirection, string name)
    {
        // The first line and the last are the shell's own, before and after the tool's.
        var file = _folder.Write("out", "before\n");
        var list = _folder.Write("list", "klp-convert-symbol-data.0.1\n*vmlinux\nf\n");
        using var klp = new KlpProcess($"exec {redirection}{file}; echo first; dotnet \"$@\"; echo last; exit", "symbols", "list", "--symbols", list, "-o", name, "--cache-directory", _folder.Combine("cache"));
        var (status, _, error) = await klp.EndAsync();
        Assert.True(status == 0, error);
        Assert.Equal((redirection == ">>" ? "before\n" : "") + "first\nklp-convert-symbol-data.0.1\n*vmlinux\nf\nlast\n", await File.ReadAllTextAsync(file));
    }

    [Theory]
    [InlineData("cd \"$TMPDIR\" && mkdir gone && cd gone && rmdir ../gone", "KLP0863", "dump", "fix.ko")]
    [InlineData("unset XDG_DATA_HOME KLP_KERNEL_STORE; export HOME=/nonexistent/home; cd /", "\n/", "kernel", "list")]
    public async Task Without_a_current_folder_or_a_home_nothing_is_looked_for_in_a_wrong_place(string shell, string text, params string[] arguments)
    {
        using var klp = new KlpProcess(shell.Replace("$TMPDIR", _folder.Path, StringComparison.Ordinal), arguments);
        var (_, output, error) = await klp.EndAsync();
        Assert.Contains(text, "\n" + output + "\n" + error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_names_a_kernel_as_one_word_whatever_the_store_holds()
    {
        _folder.Write("store/1.2.3-here/image", "");
        Assert.Contains("kernel show <kernel>", (await KlpAsync("kernel", "show", "--help", "--store", _folder.Combine("store"))).Output, StringComparison.Ordinal);
        Assert.Contains("  <kernel>  ", (await KlpAsync("kernel", "show", "--help", "--store", _folder.Combine("store"))).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signature_does_not_outlive_the_bytes_it_signs()
    {
        // A livepatch that is turned back is another file; one that is not stays as it is.
        var source = "extern int f(void) __asm__(\".klp.sym.rela.vmlinux.vmlinux.f.0\"); int g(void) { return f(); }";
        var input = _folder.Write("in.ko", TestMachine.X86_64.Compile(source).Write());
        var list = _folder.Write("list", "klp-convert-symbol-data.0.1\n*vmlinux\nf\n");
        var (converted, plain) = (_folder.Combine("converted.ko"), _folder.Combine("plain.ko"));
        Assert.Equal(0, (await KlpAsync("convert", list, input, converted, "--cache-directory", _folder.Combine("cache"))).Status);
        await File.AppendAllTextAsync(converted, "signature~Module signature appended~\n");
        Assert.Equal(0, (await KlpAsync("unconvert", converted, plain)).Status);
        Assert.False((await File.ReadAllBytesAsync(plain)).AsSpan().EndsWith("~Module signature appended~\n"u8));
    }

    private static async Task<(int Status, string Output, string Error)> KlpAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var status = await KlpCommand.RunAsync(arguments, new Terminal(output, error));
        return (status, output.ToString(), error.ToString());
    }

    /// <summary>/dev/full, without the device.</summary>
    private sealed class FullDisk : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("No space left on device");

        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("No space left on device");
    }
}
