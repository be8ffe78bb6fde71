using System.Text.Json;
using Klp.Base;
using Klp.TestKit;
using Klp.Toolchain;
using Xunit;

namespace Klp.Tests.Toolchain;

/// <summary>The editor's database, judged by the editor's parser.</summary>
public sealed class EditorTests
{
    [Theory]
    [MemberData(nameof(Kernels.NewestOfEachSeries), MemberType = typeof(Kernels))]
    public async Task Clangd_finds_no_error_in_a_sample(string release)
    {
        using var project = new SampleProject(Kernels.ByRelease(release), "a b;c ü");
        project.Write("sample.c", SampleProject.Livepatch);
        project.Write("other.c", File.ReadAllText(Repository.Combine("samples", "cmdline", "cmdline.c")));
        var request = project.Request("sample.c", "other.c") with { SdkIncludeDirectory = Repository.Combine("sdk", "Klp.Build.Sdk", "include") };
        var diagnostics = new DiagnosticBag();
        Assert.True(CompileCommands.Write(Path.Combine(project.Directory, "compile_commands.json"), request, diagnostics), diagnostics.ToString());
        foreach (var source in request.Sources)
        {
            var (code, output) = await ClangdAsync(project, source.Path);
            Assert.True(code == 0, output);
            Assert.Contains("All checks completed, 0 errors", output, StringComparison.Ordinal);
            Assert.DoesNotContain("E[", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Clangd_does_find_an_error_where_there_is_one()
    {
        using var project = new SampleProject(Kernels.Newest);
        project.Write("sample.c", SampleProject.Livepatch.Replace("this has been live patched", "x\", nobody_knows_this + \"", StringComparison.Ordinal));
        var request = project.Request("sample.c");
        Assert.True(CompileCommands.Write(Path.Combine(project.Directory, "compile_commands.json"), request, new DiagnosticBag()));
        var (code, output) = await ClangdAsync(project, request.Sources[0].Path);
        Assert.NotEqual(0, code);
        Assert.Contains("nobody_knows_this", output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_database_has_one_entry_per_source_and_keeps_its_time_when_nothing_changed()
    {
        using var project = new SampleProject(Kernels.Newest);
        var request = project.Request("a.c", "sub/b.c");
        var file = Path.Combine(project.Directory, "compile_commands.json");
        Assert.True(CompileCommands.Write(file, request, new DiagnosticBag()));
        File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
        Assert.True(CompileCommands.Write(file, request, new DiagnosticBag()));
        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(file));
        var entries = JsonDocument.Parse(File.ReadAllText(file)).RootElement.EnumerateArray().ToArray();
        Assert.Equal([Path.Combine(project.Directory, "a.c"), Path.Combine(project.Directory, "sub/b.c")], entries.Select(e => e.GetProperty("file").GetString()));
        Assert.All(entries, e => Assert.Equal(project.Directory, e.GetProperty("directory").GetString()));
    }

    private static async Task<(int Code, string Output)> ClangdAsync(SampleProject project, string source)
    {
        var environment = CleanEnvironment.Create();
        var clangd = ProcessRunner.FindOnPath("clangd", environment["PATH"], "/") ?? throw new InvalidOperationException("clangd is not installed; eng/test.sh installs it.");
        var result = await ProcessRunner.RunAsync(new ProcessRequest(clangd, ["--check=" + source, "--check-lines=1-1", "--compile-commands-dir=" + project.Directory], project.Directory, environment), new DiagnosticBag(), CancellationToken.None);
        return (result!.ExitCode, result.StandardOutput + result.StandardError);
    }
}
