using Klp.Base;
using Klp.TestKit;
using Klp.Toolchain;
using Xunit;

namespace Klp.Tests.Toolchain;

/// <summary>What is compiled after a change is exactly what would come out different; objects equal those of a clean build.</summary>
public sealed class IncrementalTests : IDisposable
{
    private const string A = "#include <linux/types.h>\n#include \"a.h\"\nint a(int x);\nint a(int x)\n{\n\treturn x + A_H;\n}\n";
    private const string B = "#include <linux/types.h>\nint b(int x);\nint b(int x)\n{\n\treturn x * 3;\n}\n";
    private readonly SampleProject _project = new(Kernels.Newest);

    public IncrementalTests()
    {
        _project.Write("a.c", A);
        _project.Write("b.c", B);
        _project.Write("a.h", "#define A_H 1\n");
    }

    private string ObjectA => Path.Combine(_project.ObjectDirectory, "a.o");

    private string ObjectB => Path.Combine(_project.ObjectDirectory, "b.o");

    public void Dispose() => _project.Dispose();

    [Fact]
    public async Task What_is_to_be_done_meanwhile_is_done_beside_a_compiler_alone_and_told_when_it_is_enough()
    {
        var ends = new List<bool>();
        var request = _project.Request("a.c") with { Meanwhile = enough => ends.Add(enough.WaitHandle.WaitOne(TimeSpan.FromMinutes(1))) };

        Assert.Equal(["a.c"], await _project.CompileAsync(request));
        Assert.Equal([true], ends);
        Assert.Empty((await _project.CompileAsync(request))!);
        Assert.Single(ends);
    }

    [Fact]
    public async Task Nothing_changed_compiles_nothing()
    {
        Assert.Equal(["a.c", "b.c"], await BuildAsync());
        Assert.Empty((await BuildAsync())!);
    }

    [Fact]
    public async Task A_touched_source_is_not_compiled()
    {
        await BuildAsync();
        File.SetLastWriteTimeUtc(Path.Combine(_project.Directory, "a.c"), DateTime.UtcNow.AddDays(1));
        File.SetLastWriteTimeUtc(Path.Combine(_project.Directory, "a.h"), DateTime.UnixEpoch);
        Assert.Empty((await BuildAsync())!);
        Assert.Empty((await BuildAsync())!);
    }

    [Fact]
    public async Task An_edited_source_is_compiled_alone_and_back_again()
    {
        await BuildAsync();
        var first = File.ReadAllBytes(ObjectB);
        _project.Write("b.c", B.Replace("x * 3", "x * 4", StringComparison.Ordinal));
        Assert.Equal(["b.c"], await BuildAsync());
        Assert.NotEqual(first, File.ReadAllBytes(ObjectB));
        _project.Write("b.c", B);
        Assert.Equal(["b.c"], await BuildAsync());
        Assert.Equal(first, File.ReadAllBytes(ObjectB));
    }

    [Fact]
    public async Task An_edit_of_the_same_size_and_time_as_before_the_last_build_is_seen_when_it_is_another_time()
    {
        await BuildAsync();
        var path = Path.Combine(_project.Directory, "b.c");
        File.WriteAllText(path, B.Replace("x * 3", "x * 5", StringComparison.Ordinal));
        Assert.Equal(["b.c"], await BuildAsync());
    }

    [Fact]
    public async Task An_edit_right_after_the_build_began_is_never_lost()
    {
        // Written within the clock's grain of the compile: nobody can tell which content the compiler saw, so it is compiled once more.
        File.WriteAllText(Path.Combine(_project.Directory, "a.h"), "#define A_H 2\n");
        Assert.Equal(["a.c", "b.c"], await BuildAsync());
        await BuildAsync();
        await Task.Delay(50);
        await BuildAsync();
        Assert.Empty((await BuildAsync())!);
        var edited = File.ReadAllBytes(ObjectA);
        Assert.Equal(await CleanAsync("a.c"), edited);
    }

    [Fact]
    public async Task A_comment_leaves_the_objects_time_alone()
    {
        await BuildAsync(debug: false);
        var time = File.GetLastWriteTimeUtc(ObjectB);
        _project.Write("b.c", B + "/* said at the end */\n");
        Assert.Equal(["b.c"], await BuildAsync(debug: false));
        Assert.Equal(time, File.GetLastWriteTimeUtc(ObjectB));
        Assert.Empty((await BuildAsync(debug: false))!);
    }

    [Fact]
    public async Task A_header_compiles_those_who_include_it()
    {
        await BuildAsync();
        _project.Write("a.h", "#define A_H 7\n");
        Assert.Equal(["a.c"], await BuildAsync());
        Assert.Equal(await CleanAsync("a.c"), File.ReadAllBytes(ObjectA));
    }

    [Fact]
    public async Task A_missing_header_is_an_error_and_its_return_heals()
    {
        await BuildAsync();
        var header = Path.Combine(_project.Directory, "a.h");
        File.Delete(header);
        Assert.Null(await BuildAsync());
        var error = Assert.Single(_project.Diagnostics, d => d.Severity == Severity.Error);
        Assert.Equal(new SourcePlace(Path.Combine(_project.Directory, "a.c"), 2, 10), error.Place);
        Assert.Null(await BuildAsync());
        _project.Write("a.h", "#define A_H 1\n");
        Assert.Equal(["a.c"], await BuildAsync());
    }

    [Fact]
    public async Task A_header_that_moved_to_another_folder_is_found_there()
    {
        await BuildAsync();
        File.Delete(Path.Combine(_project.Directory, "a.h"));
        _project.Write("inc/a.h", "#define A_H 9\n");
        var request = _project.Request("a.c", "b.c") with { IncludeDirectories = [Path.Combine(_project.Directory, "inc")] };
        Assert.Equal(["a.c", "b.c"], await _project.CompileAsync(request));
        Assert.Empty((await _project.CompileAsync(request))!);
    }

    [Fact]
    public async Task A_changed_option_compiles_everything_and_says_which()
    {
        await BuildAsync();
        var request = _project.Request("a.c", "b.c") with { Defines = ["EXTRA=1"] };
        var result = await _project.CompileFullAsync(request);
        Assert.All(result!.Objects, o => Assert.Contains("+-DEXTRA=1", o.Reason, StringComparison.Ordinal));
        Assert.Empty((await _project.CompileAsync(request))!);
    }

    [Fact]
    public async Task An_option_of_one_source_compiles_that_one()
    {
        await BuildAsync();
        var request = _project.Request("a.c", "b.c");
        request = request with { Sources = [request.Sources[0], request.Sources[1] with { Options = ["-DONLY_B"] }] };
        Assert.Equal(["b.c"], await _project.CompileAsync(request));
    }

    [Fact]
    public async Task Another_compiler_or_kernel_compiles_everything()
    {
        await BuildAsync();
        _project.Profile = _project.Profile with { Digest = "another" };
        Assert.Equal(["a.c", "b.c"], await BuildAsync());
        _project.Profile = KernelProfiles.For(Kernels.All[0]);
        Assert.Equal(["a.c", "b.c"], await BuildAsync());
    }

    [Fact]
    public async Task A_removed_source_takes_its_object_along()
    {
        await BuildAsync();
        var result = await _project.CompileFullAsync(_project.Request("a.c"));
        Assert.Equal([ObjectB], result!.Removed);
        Assert.False(File.Exists(ObjectB));
        Assert.True(File.Exists(ObjectA));
        Assert.Equal(["b.c"], await BuildAsync());
    }

    [Fact]
    public async Task A_renamed_source_leaves_no_object_behind()
    {
        await BuildAsync();
        File.Move(Path.Combine(_project.Directory, "b.c"), Path.Combine(_project.Directory, "c.c"));
        Assert.Equal(["c.c"], await _project.CompileAsync("a.c", "c.c"));
        Assert.Equal(["a.o", "c.o", "compile.state"], Directory.GetFiles(_project.ObjectDirectory).Select(f => Path.GetFileName(f)).Order());
    }

    [Fact]
    public async Task A_deleted_or_corrupted_object_is_made_again()
    {
        await BuildAsync();
        var good = File.ReadAllBytes(ObjectA);
        File.Delete(ObjectA);
        Assert.Equal(["a.c"], await BuildAsync());
        Assert.Equal(good, File.ReadAllBytes(ObjectA));
        var bad = (byte[])good.Clone();
        bad[^100] ^= 1;
        File.WriteAllBytes(ObjectA, bad);
        Assert.Equal(["a.c"], await BuildAsync());
        Assert.Equal(good, File.ReadAllBytes(ObjectA));
    }

    [Fact]
    public async Task A_restored_object_of_the_same_bytes_is_believed()
    {
        await BuildAsync();
        File.SetLastWriteTimeUtc(ObjectA, DateTime.UtcNow.AddDays(-3));
        Assert.Empty((await BuildAsync())!);
    }

    [Fact]
    public async Task A_damaged_state_is_no_state()
    {
        await BuildAsync();
        var path = Path.Combine(_project.ObjectDirectory, "compile.state");
        var good = File.ReadAllBytes(path);
        foreach (var bad in new byte[][] { [], good[..10], good[..^1], Flip(good, good.Length / 2), Flip(good, 3), Flip(good, good.Length - 1), [.. good, 0] })
        {
            File.WriteAllBytes(path, bad);
            Assert.Equal(["a.c", "b.c"], await BuildAsync());
        }

        Assert.Empty((await BuildAsync())!);
    }

    [Fact]
    public async Task Warnings_are_said_again_while_their_object_is_up_to_date()
    {
        _project.Write("b.c", B.Replace("return x * 3;", "int unused_here;\n\treturn x * 3;", StringComparison.Ordinal));
        await BuildAsync("-Wunused-variable");
        Assert.Contains(_project.Diagnostics, d => d is { Id: "Wunused-variable", Severity: Severity.Warning });
        Assert.Empty((await BuildAsync("-Wunused-variable"))!);
        var warning = Assert.Single(_project.Diagnostics);
        Assert.Equal(("Wunused-variable", 5, 13), (warning.Id, warning.Place.Line, warning.Place.Column));
        var strict = _project.Request("a.c", "b.c") with { TreatWarningsAsErrors = true, ExtraOptions = ["-Wunused-variable"] };
        Assert.Null(await _project.CompileAsync(strict));
        Assert.Equal(Severity.Error, Assert.Single(_project.Diagnostics).Severity);
        Assert.Empty((await BuildAsync("-Wunused-variable"))!);
    }

    [Fact]
    public async Task One_failing_source_does_not_hide_another_and_the_good_ones_are_kept()
    {
        _project.Write("c.c", "int c(void) { return nobody; }\n");
        _project.Write("d.c", "int d(void) { return 1 +; }\n");
        Assert.Null(await _project.CompileAsync("a.c", "c.c", "d.c"));
        var errors = _project.Diagnostics.Where(d => d.Severity == Severity.Error).Select(d => Path.GetFileName(d.Place.File)).Distinct().Order();
        Assert.Equal(["c.c", "d.c"], errors);
        _project.Write("c.c", "int c(void);\nint c(void) { return 1; }\n");
        _project.Write("d.c", "int d(void);\nint d(void) { return 1; }\n");
        Assert.Equal(["c.c", "d.c"], await _project.CompileAsync("a.c", "c.c", "d.c"));
    }

    [Fact]
    public async Task Leftovers_of_a_killed_build_are_removed_and_those_of_a_living_one_are_not()
    {
        await BuildAsync();
        var dead = Path.Combine(_project.ObjectDirectory, "a.o.7fffffff-00000000000000000000000000000000.tmp");
        var living = Path.Combine(_project.ObjectDirectory, $"a.o.{Environment.ProcessId:x}-00000000000000000000000000000000.tmp");
        foreach (var path in new[] { dead, dead + ".d", living })
        {
            File.WriteAllText(path, "half an object");
        }

        _project.Write("a.h", "#define A_H 3\n");
        await BuildAsync();
        Assert.False(File.Exists(dead));
        Assert.False(File.Exists(dead + ".d"));
        Assert.True(File.Exists(living));
    }

    [Fact]
    public async Task Two_builds_at_once_end_in_good_objects()
    {
        var request = _project.Request("a.c", "b.c");
        var bags = new[] { new DiagnosticBag(), new DiagnosticBag(), new DiagnosticBag() };
        var results = await Task.WhenAll(bags.Select(b => Task.Run(() => Compiler.CompileAsync(request, b, CancellationToken.None))));
        Assert.All(results, Assert.NotNull);
        Assert.Equal(await CleanAsync("a.c"), File.ReadAllBytes(ObjectA));
        Assert.Empty((await BuildAsync())!);
    }

    private static byte[] Flip(byte[] bytes, int at)
    {
        var copy = (byte[])bytes.Clone();
        copy[at] ^= 0x10;
        return copy;
    }

    private Task<IReadOnlyList<string>?> BuildAsync(params string[] options) => _project.CompileAsync(_project.Request("a.c", "b.c") with { ExtraOptions = options });

    /// <summary>Without debug data a comment changes no byte.</summary>
    private Task<IReadOnlyList<string>?> BuildAsync(bool debug) => BuildAsync(debug ? [] : ["-g0"]);

    /// <summary>The object of a build that knows nothing of earlier ones.</summary>
    private async Task<byte[]> CleanAsync(string source)
    {
        var request = _project.Request(source) with { ObjectDirectory = Path.Combine(_project.Directory, "obj", "clean") };
        Assert.NotNull(await _project.CompileAsync(request));
        var bytes = File.ReadAllBytes(Path.Combine(request.ObjectDirectory, Path.ChangeExtension(source, ".o")));
        Directory.Delete(request.ObjectDirectory, recursive: true);
        return bytes;
    }
}
