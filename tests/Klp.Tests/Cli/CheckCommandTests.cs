using System.Text.Json;
using Klp.Cli;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Cli;

/// <summary><c>klp check</c> as its users call it.</summary>
public sealed class CheckCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_good_module_is_checked_against_its_kernel()
    {
        var kernel = Kernels.Newest;
        var (status, output, _) = await RunAsync("check", "--contract", "--image", kernel.ImageFile, "--modules-directory", kernel.ModulesDirectory,
            "--symvers", Path.Combine(kernel.BuildDirectory, "Module.symvers"), Good());
        Assert.Equal(ExitCode.Done, status);
        Assert.EndsWith("fix.ko: no error\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_known_of_the_kernel_is_said()
    {
        var (status, output, _) = await RunAsync("check", "--kernel", "0.0.0-nowhere", Good());
        Assert.Equal(ExitCode.Done, status);
        Assert.Contains("not checked: imports", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_module_fails_with_the_code_also_in_JSON()
    {
        var module = CCompiler.Read(FinishedModule.For(Kernels.Newest).Bytes);
        module.Sections.Find(s => s.Name == ".klp.rela.vmlinux.text")!.Flags = 0;
        var path = _folder.Write("broken.ko", module.Write());
        var (status, output, _) = await RunAsync("check", "--json", "--kernel", "0.0.0-nowhere", path);
        Assert.Equal(ExitCode.Failed, status);
        using var document = JsonDocument.Parse(output);
        Assert.False(document.RootElement.GetProperty("ok").GetBoolean());
        Assert.Contains("KLP0751", document.RootElement.GetProperty("diagnostics").EnumerateArray().Select(d => d.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_an_error()
    {
        var (status, _, messages) = await RunAsync("check", Path.Combine(_folder.Path, "missing.ko"));
        Assert.Equal(ExitCode.Failed, status);
        Assert.Contains("KLP0011", messages, StringComparison.Ordinal);
    }

    /// <summary>T10.</summary>
    [Fact]
    public async Task A_module_of_another_machine_is_an_error()
    {
        var path = _folder.Write("other.ko", TestMachine.S390x.Compile("int init_module(void) { return 0; }").Write());
        var (status, _, messages) = await RunAsync("check", "--image", Kernels.Newest.ImageFile, path);
        Assert.Equal(ExitCode.Failed, status);
        Assert.Contains("error KLP0702: The module is for s390x, the kernel for x86_64.", messages, StringComparison.Ordinal);
    }

    private string Good() => _folder.Write("fix.ko", FinishedModule.For(Kernels.Newest).Bytes);

    private static async Task<(int Status, string Output, string Messages)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var messages = new StringWriter { NewLine = "\n" };
        using var cache = new TemporaryFolder();
        var status = await KlpCommand.RunAsync([.. arguments, "--cache-directory", cache.Path], new Terminal(output, messages));
        return (status, output.ToString(), messages.ToString());
    }
}
