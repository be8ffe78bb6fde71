using Klp.Base;
using Klp.TestKit;
using Klp.Toolchain;
using Xunit;

namespace Klp.Tests.Toolchain;

/// <summary>Objects become one, objtool says its piece with the line of the source, and nothing is merged twice.</summary>
public sealed class MergeTests
{
    private const string Unbalanced = """
        #include <linux/types.h>
        int unbalanced(int x);
        int unbalanced(int x)
        {
        	asm volatile("push %rax");
        	return x + 1;
        }
        """;

    public static IEnumerable<object[]> Releases => Kernels.NewestOfEachSeries;

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task What_objtool_warns_of_has_the_line_of_the_source_each_time(string release)
    {
        using var project = new SampleProject(Kernels.ByRelease(release));
        project.Write("a.c", Unbalanced);
        for (var i = 0; i < 2; i++)
        {
            await project.CompileAsync("a.c");
            var said = new DiagnosticBag();
            said.AddRange(project.Diagnostics);
            Assert.True(ObjectMerger.Merge(Request(project, "a.o"), said, _ => { }, CancellationToken.None), said.ToString());
            var warning = Assert.Single(said);
            Assert.Equal(("KLP0113", Severity.Warning), (warning.Id, warning.Severity));
            Assert.Contains("unbalanced", warning.Message, StringComparison.Ordinal);
            Assert.Equal(Path.Combine(project.Directory, "a.c"), warning.Place.File);
            Assert.InRange(warning.Place.Line, 4, 7);
        }
    }

    [Fact]
    public async Task Two_definitions_of_one_function_are_an_error_in_the_linkers_words()
    {
        using var project = new SampleProject(Kernels.Newest);
        project.Write("a.c", "int twice(void);\nint twice(void) { return 1; }\n");
        project.Write("b.c", "int twice(void);\nint twice(void) { return 2; }\n");
        Assert.NotNull(await project.CompileAsync("a.c", "b.c"));
        var said = new DiagnosticBag();
        var request = Request(project, "a.o", "b.o");
        Assert.False(ObjectMerger.Merge(request, said, _ => { }, CancellationToken.None));
        var error = Assert.Single(said);
        Assert.Equal("KLP0115", error.Id);
        Assert.Contains(error.Notes!, n => n.Contains("twice", StringComparison.Ordinal));
        Assert.False(File.Exists(request.OutputFile));
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(request.OutputFile)!));
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task A_merge_runs_again_when_an_object_changed_and_only_then(string release)
    {
        using var project = new SampleProject(Kernels.ByRelease(release));
        project.Write("a.c", "int a(void);\nint a(void) { return 1; }\n");
        project.Write("b.c", "int b(void);\nint b(void) { return 2; }\n");
        var reasons = new List<string>();
        var request = Request(project, "a.o", "b.o");
        async Task MergeAsync()
        {
            Assert.NotNull(await project.CompileAsync("a.c", "b.c"));
            var said = new DiagnosticBag();
            Assert.True(ObjectMerger.Merge(request, said, reasons.Add, CancellationToken.None), said.ToString());
        }

        await MergeAsync();
        await MergeAsync();
        Assert.Single(reasons);
        project.Write("b.c", "int b(void);\nint b(void) { return 2; }\n\n");
        await MergeAsync();
        Assert.Single(reasons);
        project.Write("b.c", "int b(void);\nint b(void) { return 3; }\n");
        await MergeAsync();
        Assert.Equal(2, reasons.Count);
        var good = File.ReadAllBytes(request.OutputFile);
        File.WriteAllBytes(request.OutputFile, good[..^1]);
        await MergeAsync();
        Assert.Equal(3, reasons.Count);
        Assert.Equal(good, File.ReadAllBytes(request.OutputFile));
        request = request with { Objects = [.. request.Objects.Reverse()] };
        await MergeAsync();
        Assert.Equal(4, reasons.Count);
    }

    [Fact]
    public async Task A_missing_object_is_an_error()
    {
        using var project = new SampleProject(Kernels.Newest);
        var said = new DiagnosticBag();
        Assert.False(ObjectMerger.Merge(Request(project, "gone.o"), said, _ => { }, CancellationToken.None));
        Assert.Equal("KLP0010", Assert.Single(said).Id);
        said = new DiagnosticBag();
        Assert.False(ObjectMerger.Merge(Request(project, "gone.o", "too.o"), said, _ => { }, CancellationToken.None));
        Assert.Equal("KLP0115", Assert.Single(said).Id);
    }

    [Fact]
    public async Task An_objtool_that_fails_or_crashes_is_an_error_and_leaves_nothing()
    {
        using var project = new SampleProject(Kernels.Newest);
        using var tools = new ToolFolder();
        project.Write("a.c", "int a;\n");
        Assert.NotNull(await project.CompileAsync("a.c"));
        foreach (var script in new[] { "echo it will not >&2; exit 1", "kill -11 $$" })
        {
            var request = Request(project, "a.o");
            request = request with { Profile = request.Profile with { ObjtoolPath = tools.Replace("objtool", script) } };
            var said = new DiagnosticBag();
            Assert.False(ObjectMerger.Merge(request, said, _ => { }, CancellationToken.None));
            Assert.Equal("KLP0112", Assert.Single(said).Id);
            Assert.False(File.Exists(request.OutputFile));
        }
    }

    private static MergeRequest Request(SampleProject project, params string[] objects) => new()
    {
        Profile = project.Profile,
        Objects = [.. objects.Select(o => Path.Combine(project.ObjectDirectory, o))],
        OutputFile = Path.Combine(project.Directory, "obj", "merged", "sample.o"),
        SearchPath = KernelProfiles.SearchPath,
        ProjectDirectory = project.Directory,
    };
}
