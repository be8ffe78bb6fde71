using System.Text.Json;
using Klp.Base;
using Klp.TestKit;
using Xunit;

namespace Klp.Guest.Tests;

/// <summary>The <c>klp</c> tool as a user calls it: the program of the SDK's layout, with its exit status and its two streams.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public class CommandLineTests
{
    private static readonly string Tool = Repository.Combine("artifacts", "sdks", "Klp.Build.Sdk", "tools", "net10.0", "klp.dll");

    private static Task<ProcessResult> KlpAsync(params IReadOnlyList<string> arguments) => StartAsync(["dotnet", Tool, .. arguments], "");

    private static async Task<ProcessResult> StartAsync(IReadOnlyList<string> words, string input, params (string Name, string Value)[] variables)
    {
        var environment = CleanEnvironment.Create(variables);
        var diagnostics = new DiagnosticBag();
        var program = ProcessRunner.FindOnPath(words[0], environment["PATH"], "/") ?? throw new InvalidOperationException(words[0] + " is not on the path.");
        return await ProcessRunner.RunAsync(
            new ProcessRequest(program, [.. words.Skip(1)], Repository.Root, environment)
            {
                StandardInput = System.Text.Encoding.UTF8.GetBytes(input), Timeout = TimeSpan.FromMinutes(4),
            },
            diagnostics, CancellationToken.None) ?? throw new InvalidOperationException(diagnostics.ToString());
    }

    private static async Task<string> PatchAsync(TemporaryFolder folder)
    {
        var module = await KbuildModule.BuildAsync(Kernels.Newest, "fix_cmdline", KbuildModule.CmdlinePatch.Replace("OLD_NAME", "cmdline_proc_show"));
        // The kernel goes by the name inside; the file's own is nothing to it.
        return folder.Write("renamed.ko", module.Content.ToArray());
    }

    /// <summary>The runtime writes down what it compiles; without the code that startup.types lists these would be some 300 methods.</summary>
    [Fact]
    public async Task A_start_of_the_tool_finds_its_code_compiled()
    {
        using var folder = new TemporaryFolder();
        var module = Directory.EnumerateFiles(Kernels.Newest.ModulesDirectory, "pktgen.ko*", SearchOption.AllDirectories).Single();
        var result = await StartAsync(
            ["dotnet", Tool, "dump", module], "", ("DOTNET_PerfMapEnabled", "3"), ("DOTNET_PerfMapJitDumpPath", folder.Path), ("DOTNET_PerfMapShowOptimizationTiers", "1"));

        Assert.Equal(0, result.ExitCode);
        var compiled = File.ReadLines(Directory.EnumerateFiles(folder.Path, "perf-*.map").Single()).Where(l => l.EndsWith("[QuickJitted]", StringComparison.Ordinal)).ToList();
        Assert.True(compiled.Count < 100, "Add what follows to src/Klp.Cli/startup.types (eng/startup-types.sh does it):\n" + string.Join('\n', compiled));
    }

    [Fact]
    public async Task A_wrong_command_line_ends_with_2_and_says_what_is_wrong()
    {
        foreach (var words in (string[][])[[], ["run"], ["run", "--module", "x.ko", "--memory", "0"], ["run", "--module", "x.ko", "--memory", "much"], ["no-such-command"]])
        {
            var result = await KlpAsync(words);
            Assert.Equal((2, ""), (result.ExitCode, result.StandardOutput));
            Assert.StartsWith("klp: ", result.StandardError);
        }
    }

    [Fact]
    public async Task Help_has_examples_and_the_shell_gets_its_completions()
    {
        var help = await KlpAsync("run", "--help");
        Assert.Equal(0, help.ExitCode);
        Assert.Contains("Examples:\n  klp run --module", help.StandardOutput);
        Assert.Contains("Exit status:", help.StandardOutput);

        var suggestions = await KlpAsync("[suggest:8]", "klp run --");
        Assert.Contains("--module\n", suggestions.StandardOutput);
    }

    [Fact]
    public async Task What_is_missing_is_an_error_each_and_status_1()
    {
        using var folder = new TemporaryFolder();
        var result = await KlpAsync("run", "--module", await PatchAsync(folder), "--image", "/no/such/vmlinuz", "--qemu", "/no/such/qemu");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("/no/such/vmlinuz: error KLP0802: ", result.StandardError);
        Assert.Contains("/no/such/qemu: error KLP0800: ", result.StandardError);
    }

    /// <summary>The one that the tests boot with is hidden: by nothing, and by a program that needs shared libraries.</summary>
    [Fact]
    public async Task Without_a_static_busybox_nothing_boots_and_its_package_is_named()
    {
        using var folder = new TemporaryFolder();
        var module = folder.Write("m.ko", "");
        string[] paths = [.. $"{CleanEnvironment.Create()["PATH"]}:/bin:/usr/bin".Split(':').Select(f => Path.Combine(f, "busybox")).Where(File.Exists).Select(RealPath.Of).Distinct()];
        Assert.NotEmpty(paths);
        async Task<string> WithoutAsync(string cover)
        {
            var result = await StartAsync([.. SmallerWorld.Covered(cover, paths), "dotnet", Tool, "run", "--module", module, "--image", Kernels.Newest.ImageFile], "");
            Assert.Equal((1, ""), (result.ExitCode, result.StandardOutput));
            Assert.Single(result.StandardError.Split('\n'), l => l.Contains(": error ", StringComparison.Ordinal) || l.StartsWith("error ", StringComparison.Ordinal));
            Assert.Contains("apt-get install busybox-static", result.StandardError);
            return result.StandardError;
        }

        Assert.Contains("error KLP0801: The virtual machine needs busybox for its shell, and there is none on this machine.", await WithoutAsync(folder.Write("empty", "")));
        Assert.Contains("/busybox: error KLP0801: This busybox is not a statically linked program for x86_64", await WithoutAsync("/bin/true"));
    }

    [Fact]
    public async Task An_image_that_only_root_may_read_gets_the_line_to_paste()
    {
        using var folder = new TemporaryFolder();
        var image = folder.Combine("vmlinuz-test");
        File.Copy(Kernels.Newest.ImageFile, image);
        File.SetUnixFileMode(image, UnixFileMode.None);
        // Root reads everything; without these capabilities it is a user like any other.
        string[] asUser = Environment.IsPrivilegedProcess ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] : [];
        var result = await StartAsync([.. asUser, "dotnet", Tool, "run", "--module", await PatchAsync(folder), "--image", image], "");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"{image}: error KLP0803: ", result.StandardError);
        Assert.Contains($"sudo install -m 644 -o \"$USER\" '{image}'", result.StandardError);
    }

    [Fact]
    public async Task A_command_has_the_streams_to_itself_and_its_own_status()
    {
        using var folder = new TemporaryFolder();
        var result = await KlpAsync("run", "-m", await PatchAsync(folder), "--image", Kernels.Newest.ImageFile, "--", "cat /proc/cmdline; printf 'no newline'; exit 9");

        Assert.Equal(9, result.ExitCode);
        Assert.Equal("patched command line\nno newline", result.StandardOutput);
    }

    [Fact]
    public async Task A_script_on_standard_input_is_run_by_the_guests_shell()
    {
        using var folder = new TemporaryFolder();
        string[] words = ["dotnet", Tool, "run", "-m", await PatchAsync(folder), "--image", Kernels.Newest.ImageFile, "--", "sh"];
        var result = await StartAsync(words, "uname -r\ncat /proc/cmdline\nexit 5\n");

        Assert.Equal((5, $"{Kernels.Newest.Release}\npatched command line\n"), (result.ExitCode, result.StandardOutput));
    }

    [Fact]
    public async Task Json_holds_the_whole_run()
    {
        using var folder = new TemporaryFolder();
        var result = await KlpAsync("run", "--json", "-m", await PatchAsync(folder), "--image", Kernels.Newest.ImageFile, "--show-command", "cat /proc/cmdline");

        Assert.Equal((0, ""), (result.ExitCode, result.StandardError));
        using var json = JsonDocument.Parse(result.StandardOutput);
        Assert.Equal("fix_cmdline", json.RootElement.GetProperty("module").GetString());
        Assert.Equal("Finished", json.RootElement.GetProperty("verdict").GetString());
        Assert.Equal(Kernels.Newest.Release, json.RootElement.GetProperty("release").GetString());
        Assert.Equal("patched command line\n", json.RootElement.GetProperty("steps").EnumerateArray().Single(s => s.GetProperty("name").GetString() == "with").GetProperty("output").GetString());
        Assert.Equal(0, json.RootElement.GetProperty("diagnostics").GetArrayLength());
    }
}
