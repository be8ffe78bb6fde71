using System.Diagnostics;
using System.Text;
using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.TestKit;
using Klp.Toolchain;
using Xunit;

namespace Klp.Tests.Toolchain;

/// <summary>Objects are kbuild's, byte for byte where it counts, and say nothing of the machine they were made on.</summary>
public sealed class CompileTests
{
    private const string Header = """
        #include <linux/bug.h>
        #include <linux/printk.h>

        static inline int checked(int x)
        {
        	WARN_ON(x > 3);
        	BUG_ON(x > 4);
        	return x;
        }
        """;

    private const string Other = """
        #include <linux/module.h>
        #include "inc/checked.h"
        int other(int x);
        int other(int x)
        {
        	pr_info("%s %s %s\n", __FILE__, KBUILD_BASENAME, KBUILD_MODNAME);
        	return checked(x) + 1;
        }
        """;

    private const string Assembly = """
        #include <linux/linkage.h>
        .text
        SYM_FUNC_START(in_assembly)
        	mov $1, %eax
        	RET
        SYM_FUNC_END(in_assembly)
        """;

    public static IEnumerable<object[]> Releases => Kernels.NewestOfEachSeries;

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task A_module_of_one_source_is_the_object_kbuild_makes(string release)
    {
        var kernel = Kernels.ByRelease(release);
        using var project = new SampleProject(kernel);
        await ExpectKbuildsAsync(project, kernel, new Dictionary<string, string> { ["sample.c"] = SampleProject.Livepatch });
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task A_module_of_several_sources_with_assembly_is_the_object_kbuild_makes(string release)
    {
        var kernel = Kernels.ByRelease(release);
        using var project = new SampleProject(kernel);
        var sources = new Dictionary<string, string> { ["main-part.c"] = SampleProject.Livepatch, ["other.c"] = Other, ["inc/checked.h"] = Header };
        await ExpectKbuildsAsync(project, kernel, sources);
    }

    [Fact]
    public async Task Assembly_is_the_object_kbuild_makes()
    {
        foreach (var kernel in Kernels.All)
        {
            using var reference = new TemporaryFolder();
            reference.Write("Kbuild", "obj-m := sample.o\nsample-y := main.o low.o\n");
            reference.Write("main.c", SampleProject.Livepatch);
            reference.Write("low.S", Assembly);
            Kbuild.Make(kernel, reference.Path, "modules");
            using var project = new SampleProject(kernel);
            project.Write("low.S", Assembly);
            Assert.Equal(["low.S"], await project.CompileAsync("low.S"));
            Assert.Empty(project.Diagnostics);
            Assert.Empty(ModuleComparer.Compare(Read(Path.Combine(project.ObjectDirectory, "low.o")), Read(Path.Combine(reference.Path, "low.o"))));
            Assert.Empty((await project.CompileAsync("low.S"))!);
        }
    }

    [Fact]
    public async Task A_module_compiled_by_clang_is_the_object_kbuild_makes()
    {
        var kernel = Kernels.BySeries("6.1");
        using var tree = new TreeMirror(kernel);
        tree.PretendClang();
        var diagnostics = new DiagnosticBag();
        var profile = await KernelProbe.GetAsync(new ProbeRequest { BuildDirectory = tree.Directory, SearchPath = KernelProfiles.SearchPath }, diagnostics, CancellationToken.None);
        Assert.True(profile is not null, diagnostics.ToString());
        using var project = new SampleProject(kernel) { Profile = profile };
        var sources = new Dictionary<string, string> { ["main-part.c"] = SampleProject.Livepatch, ["other.c"] = Other, ["inc/checked.h"] = Header };
        await ExpectKbuildsAsync(project, kernel with { BuildDirectory = tree.Directory }, sources, "LLVM=1");
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("blank name; with %41 $HOME 'quotes' \"two\"")]
    [InlineData("ünïcödé-漢字")]
    [InlineData("a=b,c")]
    public async Task Objects_are_the_same_from_any_folder(string folder)
    {
        var kernel = Kernels.Newest;
        using var here = new SampleProject(kernel, "here");
        using var there = new SampleProject(kernel, folder + "/deeper");
        foreach (var project in new[] { here, there })
        {
            project.Write("main part.c", SampleProject.Livepatch);
            project.Write("ö.c", Other);
            project.Write("inc/checked.h", Header);
            Assert.Equal(2, (await project.CompileAsync("main part.c", "ö.c"))?.Count);
            Assert.Empty(project.Diagnostics);
            Assert.Empty((await project.CompileAsync("main part.c", "ö.c"))!);
        }

        foreach (var name in new[] { "main part.o", "ö.o" })
        {
            var (ours, theirs) = (File.ReadAllBytes(Path.Combine(here.ObjectDirectory, name)), File.ReadAllBytes(Path.Combine(there.ObjectDirectory, name)));
            if (folder.Contains('=', StringComparison.Ordinal))
            {
                // No compiler can map a folder with '=' in its debug data; what the kernel loads is the same all the same.
                Assert.Empty(ModuleComparer.Compare(Read(Path.Combine(here.ObjectDirectory, name)), Read(Path.Combine(there.ObjectDirectory, name))));
            }
            else
            {
                Assert.Equal(ours, theirs);
                Assert.DoesNotContain(there.Root, Encoding.UTF8.GetString(theirs), StringComparison.Ordinal);
                Assert.DoesNotContain(there.Profile.BuildDirectory, Encoding.UTF8.GetString(theirs), StringComparison.Ordinal);
                Assert.DoesNotContain(there.Profile.SourceTree, Encoding.UTF8.GetString(theirs), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Any_number_of_compilers_at_once_makes_the_same_objects()
    {
        using var project = new SampleProject(Kernels.Newest);
        var names = Enumerable.Range(0, 5).Select(i => $"f{i}.c").ToArray();
        foreach (var name in names)
        {
            project.Write(name, $"int {name[..2]}(void);\nint {name[..2]}(void) {{ return {name[1]}; }}\n");
        }

        var request = project.Request(names);
        Assert.Equal(names, await project.CompileAsync(request with { MaximumParallelism = 1 }));
        var first = names.Select(n => Digest.OfFile(Path.Combine(project.ObjectDirectory, Path.ChangeExtension(n, ".o")))).ToArray();
        Directory.Delete(project.ObjectDirectory, recursive: true);
        Assert.Equal(names, await project.CompileAsync(request with { MaximumParallelism = 4 }));
        Assert.Equal(first, names.Select(n => Digest.OfFile(Path.Combine(project.ObjectDirectory, Path.ChangeExtension(n, ".o")))));
    }

    [Fact]
    public async Task Compiles_that_share_slots_have_no_more_compilers_at_once_and_say_when_they_wait_for_them()
    {
        using var project = new SampleProject(Kernels.Newest);
        project.Write("a.c", "int a;\n");
        project.Write("b.c", "int b;\n");
        using var one = new SemaphoreSlim(1);
        var (begun, ended) = (0, 0);

        // Two at once: the second cannot make the folder.
        var request = project.Request("a.c", "b.c") with
        {
            Launcher = ["/bin/sh", "-c", $"mkdir '{project.Root}/busy' || exit 9; \"$@\"; status=$?; rmdir '{project.Root}/busy'; exit $status", "alone"],
            MaximumParallelism = 2,
            Slots = one,
            WhileCompiling = () =>
            {
                begun++;
                return new Ending(() => ended++);
            },
        };

        Assert.Equal(2, (await project.CompileAsync(request))?.Count);
        Assert.Equal((1, 1, 1), (begun, ended, one.CurrentCount));
        Assert.Empty((await project.CompileAsync(request))!);
        Assert.Equal(1, begun);
    }

    [Fact]
    public async Task Sources_outside_the_project_and_in_subfolders_have_objects_of_their_own()
    {
        using var project = new SampleProject(Kernels.Newest, "deep/patch");
        project.Write("a.c", "int a;\n");
        project.Write("sub/a.c", "int sub_a;\n");
        project.Write("../shared/a.c", "int shared_a;\n");
        Assert.Equal(3, (await project.CompileAsync("a.c", "sub/a.c", "../shared/a.c"))?.Count);
        Assert.Equal(["__/shared/a.o", "a.o", "sub/a.o"], Directory.EnumerateFiles(project.ObjectDirectory, "*.o", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(project.ObjectDirectory, f)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_folder_without_sources_takes_its_objects_folder_along()
    {
        using var project = new SampleProject(Kernels.Newest);
        project.Write("a.c", "int a;\n");
        project.Write("sub/deep/b.c", "int b;\n");
        await project.CompileAsync("a.c", "sub/deep/b.c");
        await project.CompileAsync("a.c");
        Assert.Empty(Directory.GetDirectories(project.ObjectDirectory));
    }

    [Fact]
    public async Task Sources_that_cannot_be_compiled_are_all_said()
    {
        using var project = new SampleProject(Kernels.Newest);
        project.Write("a.c", "int a;\n");
        project.Write("a.S", "");
        project.Write("b.cpp", "");
        Assert.Null(await project.CompileAsync("a.c", "a.c", "a.S", "b.cpp", "gone.c"));
        Assert.Equal(["KLP0118", "KLP0119", "KLP0119", "KLP0119"], project.Diagnostics.Select(d => d.Id).Order());
        Assert.Contains(project.Diagnostics, d => d.Message.Contains("listed twice", StringComparison.Ordinal) && d.Cure!.Contains("EnableDefaultCompileItems", StringComparison.Ordinal));
        Assert.Null(await project.CompileAsync());
        Assert.Equal("KLP0122", Assert.Single(project.Diagnostics).Id);
    }

    [Fact]
    public async Task What_is_wrong_with_the_use_of_a_macro_is_told_at_its_use()
    {
        using var project = new SampleProject(Kernels.Newest);
        project.Write("macro.h", "int twice(int);\n#define REPLACED(name) \\\n\tint name(void); \\\n\tint name(void) { return twice(missing); }\n");
        project.Write("a.c", "#include \"macro.h\"\n\nREPLACED(one)\nREPLACED(two)\nREPLACED(two)\n");
        Assert.Null(await project.CompileAsync("a.c"));
        var errors = project.Diagnostics.Where(d => d.Severity == Severity.Error).ToList();
        Assert.All(errors, e => Assert.Equal(Path.Combine(project.Directory, "a.c"), e.Place.File));
        Assert.Equal([3, 4, 5], errors.Where(e => e.Message.Contains("'missing'", StringComparison.Ordinal)).Select(e => e.Place.Line).Distinct());
        var second = Assert.Single(errors, e => e.Message.Contains("redefinition of 'two'", StringComparison.Ordinal));
        Assert.Equal(5, second.Place.Line);
        Assert.Contains(second.Notes!, n => n.EndsWith("in the macro's own lines", StringComparison.Ordinal) || n.Contains("a.c:4", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_link_to_nothing_is_no_source_and_one_to_a_source_is()
    {
        using var project = new SampleProject(Kernels.Newest);
        project.Write("real.c", "int a;\n");
        File.CreateSymbolicLink(Path.Combine(project.Directory, "good.c"), "real.c");
        File.CreateSymbolicLink(Path.Combine(project.Directory, "dead.c"), "gone.c");
        File.CreateSymbolicLink(Path.Combine(project.Directory, "circle.c"), "circle.c");
        Assert.Equal(["good.c"], await project.CompileAsync("good.c"));
        Assert.Null(await project.CompileAsync("good.c", "dead.c", "circle.c"));
        Assert.Equal(["circle.c", "dead.c"], project.Diagnostics.Where(d => d.Id == "KLP0118").Select(d => Path.GetFileName(d.Place.File)).Order());
    }

    [Fact]
    public async Task A_pipe_among_the_sources_is_an_error_and_nobody_waits_for_it()
    {
        using var project = new SampleProject(Kernels.Newest);
        project.Write("a.c", "int a;\n");
        CCompiler.Run("mkfifo", project.Directory, "pipe.c");
        Assert.Null(await Task.Run(() => project.CompileAsync("a.c", "pipe.c")).WaitAsync(TimeSpan.FromSeconds(30)));
        var error = Assert.Single(project.Diagnostics);
        Assert.Equal(("KLP0118", "pipe.c"), (error.Id, Path.GetFileName(error.Place.File)));
        Assert.Contains("pipe", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_whose_name_looks_like_an_option_is_compiled()
    {
        using var project = new SampleProject(Kernels.Newest);
        project.Write("-x.c", "int a;\n");
        project.Write("@y.c", "int b;\n");
        project.Write("y.c", "--version");
        Assert.Equal(["-x.c", "@y.c"], await project.CompileAsync("-x.c", "@y.c"));
        Assert.Empty(project.Diagnostics);
    }

    [Fact]
    public async Task Options_after_which_there_is_no_object_are_refused_by_name()
    {
        using var project = new SampleProject(Kernels.Newest);
        project.Write("a.c", "int a;\n");
        string[] refused = ["-S", "-E", "-MM", "-ox.o", "-o", "-flto=auto", "-Wp,-MMD,x.d", "-fsyntax-only", "--version"];
        Assert.Null(await project.CompileAsync(project.Request("a.c") with { ExtraOptions = ["-g0", .. refused, "-D", "-S", "-MP"] }));
        Assert.Equal(refused, project.Diagnostics.Select(d => d.Message.Split('\'')[1]));
        Assert.All(project.Diagnostics, d => Assert.Equal("KLP0029", d.Id));
    }

    [Fact]
    public async Task Sources_that_are_all_for_other_kernels_are_told_from_none()
    {
        using var project = new SampleProject(Kernels.Newest);
        Assert.Null(await project.CompileAsync(project.Request() with { SourcesForOtherKernels = 2 }));
        Assert.Contains("Kernels metadata", Assert.Single(project.Diagnostics).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_object_folder_that_cannot_be_made_is_an_error()
    {
        using var project = new SampleProject(Kernels.Newest);
        project.Write("a.c", "int a;\n");
        project.Write("obj", "a file where the folder should be");
        Assert.Null(await project.CompileAsync("a.c"));
        Assert.Equal("KLP0010", Assert.Single(project.Diagnostics).Id);
    }

    [Fact]
    public async Task A_full_disk_leaves_the_old_object_and_an_error()
    {
        using var project = new SampleProject(Kernels.Newest);
        project.Write("a.c", "int a;\n");
        await project.CompileAsync("a.c");
        var before = File.ReadAllBytes(Path.Combine(project.ObjectDirectory, "a.o"));
        project.Write("a.c", "int b;\n");
        using var tools = new ToolFolder();
        var real = project.Profile.CompilerPath;
        var full = tools.Replace("gcc-full", $"while [ $# -gt 1 ]; do [ \"$1\" = -o ] && exec '{real}' -c -x c -o /dev/full /dev/null; shift; done");
        project.Profile = project.Profile with { CompilerPath = full };
        Assert.Null(await project.CompileAsync("a.c"));
        Assert.Contains(project.Diagnostics, d => d.Severity == Severity.Error && d.ToString().Contains("No space left on device", StringComparison.Ordinal));
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(project.ObjectDirectory, "a.o")));
    }

    [Theory]
    [InlineData("kill -9 $$", "signal 9")]
    [InlineData("exit 7", "exit code 7")]
    [InlineData("echo strange words >&2; exit 1", "exit code 1")]
    public async Task A_compiler_that_dies_without_a_word_is_an_error(string script, string said)
    {
        using var project = new SampleProject(Kernels.Newest);
        using var tools = new ToolFolder();
        project.Write("a.c", "int a;\n");
        project.Profile = project.Profile with { CompilerPath = tools.Replace("gcc-dead", script) };
        Assert.Null(await project.CompileAsync("a.c"));
        var error = Assert.Single(project.Diagnostics);
        Assert.Equal("KLP0114", error.Id);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_compiler_that_says_done_without_an_object_is_an_error()
    {
        using var project = new SampleProject(Kernels.Newest);
        using var tools = new ToolFolder();
        project.Write("a.c", "int a;\n");
        project.Profile = project.Profile with { CompilerPath = tools.Replace("gcc-lazy", "exit 0"), ObjtoolPath = null };
        Assert.Null(await project.CompileAsync("a.c"));
        Assert.Equal("KLP0114", Assert.Single(project.Diagnostics).Id);
    }

    [Fact]
    public async Task A_cancel_kills_the_compilers_and_what_was_finished_is_kept()
    {
        using var project = new SampleProject(Kernels.Newest);
        using var tools = new ToolFolder();
        project.Write("a.c", "int a;\n");
        project.Write("b.c", "int b;\n");
        var mark = Path.Combine(project.Root, "pid");
        var slow = tools.Replace("gcc-slow", $"case \"$*\" in *b.c*) sleep 300 & echo $$ $! > '{mark}'; wait;; esac\nexec '{project.Profile.CompilerPath}' \"$@\"");
        var good = project.Profile;
        project.Profile = good with { CompilerPath = slow };
        using var cancel = new CancellationTokenSource();
        var compile = Compiler.CompileAsync(project.Request("a.c", "b.c"), new DiagnosticBag(), cancel.Token);
        while (!File.Exists(mark) || File.ReadAllText(mark).Length == 0 || !File.Exists(Path.Combine(project.ObjectDirectory, "a.o")))
        {
            await Task.Delay(20);
        }

        var clock = Stopwatch.StartNew();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => compile);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60));
        Assert.All(File.ReadAllText(mark).Split(' ', StringSplitOptions.TrimEntries), p => Assert.False(IsAlive(p), p));
        Assert.Empty(Directory.GetFiles(project.ObjectDirectory, "*.tmp*"));
        tools.Replace("gcc-slow", $"exec '{good.CompilerPath}' \"$@\"");
        Assert.Equal(["b.c"], await project.CompileAsync("a.c", "b.c"));
    }

    internal static ElfFile Read(string path)
    {
        var diagnostics = new DiagnosticBag();
        return ElfFile.Read(File.ReadAllBytes(path), path, diagnostics) ?? throw new InvalidOperationException(diagnostics.ToString());
    }

    private static bool IsAlive(string process) => File.Exists($"/proc/{process}/stat") && !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);

    /// <summary>Compiles and merges the sources, and holds the result against kbuild's merged object.</summary>
    private static async Task ExpectKbuildsAsync(SampleProject project, TestKernel kernel, Dictionary<string, string> files, params string[] makeArguments)
    {
        var maps = PrefixMaps.For(project.Profile, "/nowhere").Where(m => !m.Contains("/nowhere", StringComparison.Ordinal)).ToArray();
        using var reference = Kbuild.Build(kernel, "sample", files, maps, makeArguments);
        foreach (var (name, text) in files)
        {
            project.Write(name, text);
        }

        var sources = files.Keys.Where(f => f.EndsWith(".c", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(sources, await project.CompileAsync(sources));
        Assert.Empty(project.Diagnostics);
        var diagnostics = new DiagnosticBag();
        var request = new MergeRequest
        {
            Profile = project.Profile,
            Objects = [.. sources.Select(s => Path.Combine(project.ObjectDirectory, Path.ChangeExtension(s, ".o")))],
            OutputFile = Path.Combine(project.Directory, "obj", "merged.o"),
            SearchPath = KernelProfiles.SearchPath,
            ProjectDirectory = project.Directory,
        };
        var pristine = request.Objects.Select(o => Digest.OfFile(o)).ToArray();
        Assert.True(ObjectMerger.Merge(request, diagnostics, _ => { }, CancellationToken.None), diagnostics.ToString());
        Assert.Empty(diagnostics);
        var differences = ModuleComparer.Compare(Read(request.OutputFile), Read(reference.ObjectFile));
        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.Equal(pristine, request.Objects.Select(o => Digest.OfFile(o)));
        Assert.Empty((await project.CompileAsync(sources))!);
        Assert.True(ObjectMerger.Merge(request, diagnostics, why => Assert.Fail("merged again: " + why), CancellationToken.None));
    }

    private sealed class Ending(Action action) : IDisposable
    {
        public void Dispose() => action();
    }
}
