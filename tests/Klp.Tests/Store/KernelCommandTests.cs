using System.Text.Json;
using Klp.Cli;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Store;

/// <summary><c>klp kernel</c> as a user types it: what it prints, and how it ends.</summary>
public sealed class KernelCommandTests : IDisposable
{
    private readonly StoreFixture _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task Add_list_show_verify_and_remove_tell_of_one_kernel()
    {
        var files = new SmallKernel().WriteTo(_store.Combine("debs"));
        Assert.Equal((0, "6.1.0-1-amd64\n"), Short(await KlpAsync(["add", .. files, "--alias", "mine"])));
        Assert.Equal((0, "6.1.0-1-amd64  x86_64   (default, mine, newest)\n"), Short(await KlpAsync("list")));
        var (_, shown, _) = await KlpAsync("show", "mine");
        Assert.Contains("compiler: gcc-12\n", shown, StringComparison.Ordinal);
        Assert.Equal((0, "6.1.0-1-amd64: as it was added\n"), Short(await KlpAsync("verify")));
        Assert.Equal((0, "6.1.0-1-amd64: removed\n"), Short(await KlpAsync("remove", "mine")));
        Assert.Equal((0, ""), Short(await KlpAsync("list")));
        Assert.Empty(_store.Content());
    }

    [Fact]
    public async Task Json_is_one_object_for_every_command()
    {
        var files = new SmallKernel().WriteTo(_store.Combine("debs"));
        foreach (var words in new string[][] { ["add", .. files], ["list"], ["show", "newest"], ["verify"], ["verify", "nothing"], ["remove", "newest"] })
        {
            var (_, output, _) = await KlpAsync([.. words, "--json"]);
            using var document = JsonDocument.Parse(output);
            Assert.Equal(JsonValueKind.Object, document.RootElement.ValueKind);
            if (words is ["show", _])
            {
                Assert.Equal("gcc-12", document.RootElement.GetProperty("compilers")[0].GetString());
            }
        }
    }

    [Fact]
    public async Task Packages_of_a_kernel_are_printed_one_a_line_and_nothing_is_added()
    {
        var files = new SmallKernel().WriteTo(_store.Combine("debs"));
        Assert.Equal((0, "gcc-12\nlibelf1\n"), Short(await KlpAsync(["add", .. files, "--packages"])));
        Assert.Empty(_store.Content());
    }

    [Theory]
    [InlineData("show", "6.2")]
    [InlineData("verify", "6.2")]
    [InlineData("remove", "6.2")]
    public async Task A_kernel_that_is_not_in_the_store_is_an_error_that_says_how_to_add_it(string verb, string name)
    {
        var (status, output, error) = await KlpAsync(verb, name);
        Assert.Equal((1, ""), (status, output));
        Assert.Contains("KLP0277", error, StringComparison.Ordinal);
        Assert.Contains("klp kernel add 6.2", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("add")]
    [InlineData("add", "newest", "-a", "mips")]
    [InlineData("remove")]
    [InlineData("show")]
    public async Task A_wrong_command_line_ends_with_2(params string[] words)
    {
        var (status, _, error) = await KlpAsync(words);
        Assert.Equal(2, status);
        Assert.StartsWith("klp: ", error, StringComparison.Ordinal);
        Assert.EndsWith($"See: klp kernel {words[0]} --help\n", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("add")]
    [InlineData("list")]
    [InlineData("show")]
    [InlineData("verify")]
    [InlineData("remove")]
    public async Task Help_ends_with_examples_and_the_exit_status(string verb)
    {
        var (status, output, _) = await KlpAsync(verb, "--help");
        Assert.Equal(0, status);
        Assert.Contains("Examples:\n  klp kernel " + verb, output, StringComparison.Ordinal);
        Assert.Contains("Exit status:", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_home_folder_the_store_is_where_the_sdk_looks_and_not_in_the_current_folder()
    {
        using var klp = new KlpProcess("unset KLP_KERNEL_STORE; export HOME=/no/such/home XDG_DATA_HOME=relative", ["kernel", "list"]);
        var (status, _, error) = await klp.EndAsync();
        Assert.Equal(0, status);
        Assert.StartsWith("/no/such/home/.local/share/klp/kernels holds no kernel", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_shell_completes_kernels_of_the_store()
    {
        await _store.AddAsync(new SmallKernel().WriteTo(_store.Combine("debs")));
        using var output = new StringWriter();
        var line = $"klp kernel show --store {_store.Store} ";
        await KlpCommand.RunAsync([$"[suggest:{line.Length}]", line], new Terminal(output, output));
        Assert.Contains("6.1.0-1-amd64", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("newest", output.ToString(), StringComparison.Ordinal);
    }

    private static (int, string) Short((int Status, string Output, string Error) end) => (end.Status, end.Output);

    private async Task<(int Status, string Output, string Error)> KlpAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var status = await KlpCommand.RunAsync(["kernel", .. arguments, "--store", _store.Store], new Terminal(output, error));
        return (status, output.ToString(), error.ToString());
    }
}
