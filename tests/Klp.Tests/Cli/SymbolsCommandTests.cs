using System.Text.Json;
using Klp.Cli;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Cli;

/// <summary><c>klp symbols</c> as a user types it: what it prints, and how it ends.</summary>
public sealed class SymbolsCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SyntheticKernel _kernel = new(functions: 700);

    private string Image => _folder.Path + "/vmlinuz";

    public SymbolsCommandTests() => _folder.Write("vmlinuz", _kernel.BzImage());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Find_prints_every_homonym_with_its_position()
    {
        var (status, output, _) = await KlpAsync("symbols", "find", "homonym_1", "--image", Image);
        var expected = _kernel.Symbols.Where(s => s.Name == "homonym_1").Select((s, i) => $"{s.Address:x16} {s.Type} vmlinux.homonym_1,{i + 1} of ").ToList();
        Assert.Equal(0, status);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(expected.Count, lines.Length);
        Assert.All(expected.Zip(lines), pair => Assert.StartsWith(pair.First, pair.Second, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Find_offers_near_names_and_fails()
    {
        var (status, output, error) = await KlpAsync("symbols", "find", "setup_thign", "--image", Image);
        Assert.Equal((1, ""), (status, output));
        Assert.Contains("KLP0322", error, StringComparison.Ordinal);
        Assert.Contains("setup_thing", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vmlinux.homonym_1", 1, "unresolvable ambiguity")]
    [InlineData("vmlinux.homonym_1,2", 0, "taken: vmlinux.homonym_1,2")]
    [InlineData(".klp.sym.vmlinux.setup_thing,0", 0, "taken: vmlinux.setup_thing,0")]
    [InlineData("vmlinux.homonym_1,99", 1, "there are only")]
    public async Task Explain_says_what_the_kernel_would(string reference, int status, string text)
    {
        var (ended, output, error) = await KlpAsync("symbols", "explain", reference, "--image", Image);
        Assert.Equal(status, ended);
        Assert.Contains(text, output + error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_finds_the_position_of_an_address()
    {
        var second = _kernel.Symbols.Where(s => s.Name == "homonym_2").ElementAt(1);
        var (status, output, _) = await KlpAsync("symbols", "explain", $"vmlinux.homonym_2@0x{second.Address:x}", "--image", Image);
        Assert.Equal(0, status);
        Assert.Contains("taken: vmlinux.homonym_2,2", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData(".klp.sym.")]
    [InlineData("vmlinux.")]
    [InlineData("vmlinux.homonym_1,two")]
    [InlineData("vmlinux.homonym_1@here")]
    [InlineData("vmlinux.homonym_1,-1")]
    public async Task What_names_no_symbol_is_told_how_one_is_named(string text)
    {
        var (status, output, error) = await KlpAsync("symbols", "explain", text, "--image", Image);
        Assert.Equal((1, ""), (status, output));
        Assert.Contains($"error KLP0321: '{text}' names no symbol. Write object.name, object.name,position or object.name@address, for example vmlinux.show,2.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_that_was_written_is_read_as_klp_converts_list()
    {
        var list = _folder.Path + "/Symbols.list";
        Assert.Equal(0, (await KlpAsync("symbols", "list", "--image", Image, "-o", list)).Status);
        var lines = await File.ReadAllLinesAsync(list);
        Assert.Equal(["klp-convert-symbol-data.0.1", "*vmlinux"], lines[..2]);
        Assert.Equal(_kernel.Symbols.Select(s => s.Name).Order(StringComparer.Ordinal), lines[2..]);
        var (status, output, error) = await KlpAsync("symbols", "explain", "vmlinux.homonym_1,1", "--symbols", list);
        Assert.Equal(0, status);
        Assert.Contains("names only", output, StringComparison.Ordinal);
        Assert.Contains("order of homonyms", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_one_object_with_the_symbols_and_the_messages()
    {
        var (status, output, error) = await KlpAsync("symbols", "find", "setup_thing", "--image", Image, "--json");
        Assert.Equal((0, ""), (status, error));
        using var json = JsonDocument.Parse(output);
        Assert.Equal(SyntheticKernel.Release, json.RootElement.GetProperty("release").GetString());
        var symbol = Assert.Single(json.RootElement.GetProperty("symbols").EnumerateArray());
        Assert.Equal((1, true), (symbol.GetProperty("position").GetInt32(), symbol.GetProperty("init").GetBoolean()));
        Assert.Contains(json.RootElement.GetProperty("diagnostics").EnumerateArray(), d => d.GetProperty("id").GetString() == "KLP0300");
    }

    [Fact]
    public async Task Numbers_in_JSON_are_numbers()
    {
        using var json = JsonDocument.Parse((await KlpAsync("symbols", "build", "--image", Image, "--json")).Output);
        Assert.Equal(0, json.RootElement.GetProperty("modules").GetInt32());
        Assert.InRange(json.RootElement.GetProperty("seconds").GetDouble(), 0, 600);
    }

    [Fact]
    public async Task A_list_in_JSON_is_one_object_with_the_names_of_each_object()
    {
        var (status, output, error) = await KlpAsync("symbols", "list", "--image", Image, "--json");
        Assert.Equal((0, ""), (status, error));
        using var json = JsonDocument.Parse(output);
        Assert.Equal(_kernel.Symbols.Select(s => s.Name).Order(StringComparer.Ordinal), json.RootElement.GetProperty("objects").GetProperty("vmlinux").EnumerateArray().Select(n => n.GetString()));
    }

    [Fact]
    public async Task A_function_with_another_ftrace_entry_behind_it_is_marked_for_people_and_for_programs()
    {
        // kvm's common half is full of weak functions that x86 overrides.
        var kernel = Kernels.BySeries("6.12");
        string[] find = ["symbols", "find", "kvm_*", "--object", "kvm", "--image", kernel.ImageFile!, "--modules-directory", kernel.ModulesDirectory!];
        var text = (await KlpAsync(find)).Output;
        using var json = JsonDocument.Parse((await KlpAsync([.. find, "--json"])).Output);
        var marked = json.RootElement.GetProperty("symbols").EnumerateArray().Count(s => s.TryGetProperty("strayFtraceSite", out var stray) && stray.GetBoolean());
        Assert.InRange(marked, 2, 30);
        Assert.Equal(marked, text.Split('\n').Count(l => l.Contains("another ftrace entry", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Build_keeps_the_index_for_the_next_call()
    {
        File.SetLastWriteTimeUtc(Image, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var (status, output, _) = await KlpAsync("symbols", "build", "--image", Image);
        Assert.Equal(0, status);
        Assert.Contains("release: " + SyntheticKernel.Release, output, StringComparison.Ordinal);
        File.WriteAllBytes(Image, new byte[new FileInfo(Image).Length]);
        File.SetLastWriteTimeUtc(Image, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal(0, (await KlpAsync("symbols", "find", "setup_thing", "--image", Image)).Status);
        Assert.Equal(1, (await KlpAsync("symbols", "find", "setup_thing", "--image", Image, "--no-cache")).Status);
    }

    [Fact]
    public async Task A_kernel_that_is_not_here_is_an_error_with_the_package()
    {
        var (status, _, error) = await KlpAsync("symbols", "find", "x", "--kernel", "1.2.3-nowhere");
        Assert.Equal(1, status);
        Assert.Contains("KLP0320", error, StringComparison.Ordinal);
        Assert.Contains("linux-image-1.2.3-nowhere", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.2.3-here")]
    [InlineData("newest")]
    [InlineData("debian12")]
    [InlineData("mine")]
    public async Task A_kernel_of_the_store_is_named_by_release_or_alias(string name)
    {
        var store = StoreWithKernel();
        var (status, output, error) = await KlpAsync("symbols", "find", "homonym_1", "--kernel", name, "--store", store);
        Assert.True(status == 0, error);
        Assert.Contains("vmlinux.homonym_1,1 of ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Running_is_the_kernel_of_this_machine()
    {
        var running = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        var store = StoreWithKernel(running);
        var (status, output, error) = await KlpAsync("symbols", "find", "homonym_1", "--kernel", "running", "--store", store);
        Assert.True(status == 0, error);
        Assert.Equal(output, (await KlpAsync("symbols", "find", "homonym_1", "--store", store)).Output);
    }

    [Fact]
    public async Task A_kernel_of_the_store_that_has_changed_is_not_asked()
    {
        var store = StoreWithKernel();
        File.WriteAllText(Path.Combine(store, "1.2.3-here", "kernel.json"), "{}");
        var (status, _, error) = await KlpAsync("symbols", "find", "homonym_1", "--kernel", "newest", "--store", store);
        Assert.Equal(1, status);
        Assert.Contains("KLP0275", error, StringComparison.Ordinal);
    }

    /// <summary>A store with the synthetic kernel, laid out by hand, under three aliases.</summary>
    private string StoreWithKernel(string release = "1.2.3-here")
    {
        _folder.Write($"store/{release}/image", new SyntheticKernel(functions: 700, release: release).BzImage());
        _folder.Write($"store/{release}/modules/modules.builtin", "");
        foreach (var alias in new[] { "newest", "debian12", "mine" })
        {
            _folder.Write("store/aliases/" + alias, release + "\n");
        }

        return _folder.Combine("store");
    }

    private async Task<(int Status, string Output, string Error)> KlpAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var status = await KlpCommand.RunAsync([.. arguments, "--cache-directory", _folder.Path + "/cache"], new Terminal(output, error));
        return (status, output.ToString(), error.ToString());
    }
}
