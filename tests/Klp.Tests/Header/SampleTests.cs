using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Header;

/// <summary>The samples hold together: each is a whole project, says how its effect is seen, and the solution has all that build.</summary>
public sealed class SampleTests
{
    private const string NeverBuilds = "ambiguous";

    public static TheoryData<string> Names => [.. Folders().Select(f => Path.GetFileName(f)!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_sample_is_a_project_a_user_could_copy(string name)
    {
        var project = XDocument.Load(Repository.Combine("samples", name, name + ".klpproj")).Root!;
        Assert.Equal("Klp.Build.Sdk/0.1.0-dev", project.Attribute("Sdk")!.Value);
        Assert.NotEmpty(Directory.EnumerateFiles(Repository.Combine("samples", name), "*.c"));
        var readme = File.ReadAllLines(Repository.Combine("samples", name, "README.md"));
        Assert.StartsWith($"# {name}: ", readme[0], StringComparison.Ordinal);
        Assert.InRange(readme.Length, 5, 20);
        if (name != NeverBuilds)
        {
            using var expected = JsonDocument.Parse(File.ReadAllText(Repository.Combine("samples", name, "expected.json")));
            Assert.Equal(["kernels", "loadBefore", "loadAfter", "command", "before", "with", "after"], expected.RootElement.EnumerateObject().Select(p => p.Name));
            Assert.Equal(project.Descendants("KlpShowCommand").Single().Value, expected.RootElement.GetProperty("command").GetString());
            foreach (var when in new[] { "before", "with", "after" })
            {
                Assert.NotNull(new Regex(expected.RootElement.GetProperty(when).GetString()!));
            }
        }
    }

    [Fact]
    public void The_solution_has_every_sample_that_builds()
    {
        var listed = XDocument.Load(Repository.Combine("samples", "Samples.slnx")).Root!.Elements("Project").Select(p => p.Attribute("Path")!.Value);
        Assert.Equal(Folders().Select(f => Path.GetFileName(f)!).Where(n => n != NeverBuilds).Order(StringComparer.Ordinal).Select(n => $"{n}/{n}.klpproj"), listed);
    }

    [Theory]
    [MemberData(nameof(KernelsAndCompilers))]
    public void Every_sample_compiles_without_a_warning(string release, string compiler)
    {
        var kernel = KernelCompiler.For(Kernels.ByRelease(release));
        foreach (var source in Folders().SelectMany(f => Directory.EnumerateFiles(f, "*.c")))
        {
            using var folder = new TemporaryFolder();
            foreach (var header in Directory.EnumerateFiles(Path.GetDirectoryName(source)!, "*.h"))
            {
                folder.Write(Path.GetFileName(header), File.ReadAllText(header));
            }

            var result = kernel.TryCompile(folder, Path.GetFileName(source), File.ReadAllText(source), out _, compiler, "-Wall", "-Wextra", "-Wno-unused-parameter", "-g0");
            Assert.True(result.ExitCode == 0, result.StandardError);

            // Under -Wextra the kernel's own headers are not quiet; the samples and the author's headers are.
            Assert.DoesNotContain(result.StandardError.Split('\n'), l => l.Contains("warning:", StringComparison.Ordinal)
                && (l.StartsWith(folder.Path, StringComparison.Ordinal) || l.Contains("/include/klp/", StringComparison.Ordinal)));
        }
    }

    public static IEnumerable<object[]> KernelsAndCompilers => PatchTables.Sources.KernelsAndCompilers;

    [Fact]
    public void The_first_sample_has_ten_lines_of_code()
    {
        var lines = File.ReadAllLines(Repository.Combine("samples", "cmdline", "cmdline.c")).Where(l => l.Length > 0 && !l.StartsWith("//", StringComparison.Ordinal));
        Assert.InRange(lines.Count(), 1, 10);
    }

    private static IEnumerable<string> Folders() =>
        Directory.EnumerateDirectories(Repository.Combine("samples")).Where(d => Directory.EnumerateFiles(d, "*.klpproj").Any());
}
