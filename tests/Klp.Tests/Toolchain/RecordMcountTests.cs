using Klp.Base;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Toolchain;

/// <summary>The kernel's recordmcount, which some architectures run over every object: a package's own one is called, and what it refuses is an error.</summary>
public sealed class RecordMcountTests
{
    [Fact]
    public async Task An_object_it_refuses_is_an_error_in_its_own_words_and_the_old_object_stays()
    {
        var kernel = Kernels.BySeries("6.1");
        using var project = new SampleProject(kernel);
        project.Profile = project.Profile with { RecordMcountPath = RealPath.Of(Path.Combine(kernel.BuildDirectory, "scripts/recordmcount")) };
        var source = project.Write("a.c", "int a;\n");
        Assert.Equal(["a.c"], await project.CompileAsync("a.c"));
        Assert.Empty(project.Diagnostics);
        var old = File.ReadAllBytes(Path.Combine(project.ObjectDirectory, "a.o"));

        // A compiler for a machine that no kernel runs on.
        using var tools = new ToolFolder();
        project.Profile = project.Profile with { CompilerPath = tools.Replace("gcc-bpf", "while [ $# -gt 1 ]; do [ \"$1\" = -o ] && exec clang --target=bpfel -x c -c /dev/null -o \"$2\"; shift; done") };
        Assert.Null(await project.CompileAsync("a.c"));
        var error = Assert.Single(project.Diagnostics);
        Assert.Equal(("KLP0116", Severity.Error, source), (error.Id, error.Severity, error.Place.File));
        Assert.Contains("The kernel's recordmcount refused this object (exit code 1)", error.Message, StringComparison.Ordinal);
        Assert.Contains("build tools for this machine", error.Cure, StringComparison.Ordinal);
        Assert.Contains("unrecognized e_machine 247 a.c", error.Notes!);
        Assert.Equal(old, File.ReadAllBytes(Path.Combine(project.ObjectDirectory, "a.o")));
    }
}
