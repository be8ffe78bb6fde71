using Klp.Base;
using Klp.Kernel;
using Klp.TestKit;
using Klp.Toolchain;
using Xunit;

namespace Klp.Tests.Toolchain;

/// <summary>Compilers, tools and trees that do not fit: each is said before a module is made with them.</summary>
public sealed class ProbeFailureTests : IDisposable
{
    private readonly TreeMirror _tree = new(Kernels.BySeries("6.1"));
    private readonly DiagnosticBag _said = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _tree.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_missing_compiler_names_its_package()
    {
        using var tools = new ToolFolder("gcc", "gcc-12", "x86_64-linux-gnu-gcc-12");
        var error = await ErrorAsync("KLP0104", r => r with { SearchPath = tools.SearchPath });
        Assert.Contains("gcc-12", error.Message, StringComparison.Ordinal);
        Assert.Contains("apt install gcc-12", error.Cure, StringComparison.Ordinal);
        Assert.Contains("Debian 12.2.0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_compiler_with_a_triplet_names_the_same_package()
    {
        // Debian's 6.12 has a triplet in its compiler's name; which version it is depends on the Debian.
        var directory = Kernels.BySeries("6.12").BuildDirectory;
        var compiler = KernelTree.Open(directory, _said)!.Config["CC_VERSION_TEXT"].Split(' ')[0];
        var package = compiler["x86_64-linux-gnu-".Length..];
        Assert.Equal("x86_64-linux-gnu-" + package, compiler);
        using var tools = new ToolFolder(package, compiler, "gcc", "x86_64-linux-gnu-gcc");
        var error = await ErrorAsync("KLP0104", r => r with { SearchPath = tools.SearchPath, BuildDirectory = directory });
        Assert.Contains($"apt install {package},", error.Cure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_whose_two_forms_contradict_each_other_is_refused()
    {
        _tree.Edit("include/generated/autoconf.h", text => text.Replace("#define CONFIG_LIVEPATCH 1\n", "", StringComparison.Ordinal));
        var error = await ErrorAsync("KLP0204", r => r);
        Assert.Equal(_tree.Path("include/generated/autoconf.h"), error.Place.File);
        Assert.Contains("has no CONFIG_LIVEPATCH, which include/config/auto.conf has", error.Message, StringComparison.Ordinal);
        Assert.Contains("olddefconfig modules_prepare", error.Cure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exit 1")]
    [InlineData("exit 0")]
    [InlineData("kill -9 $$")]
    public async Task A_compiler_that_does_not_run_is_an_error(string script)
    {
        using var tools = new ToolFolder();
        tools.Replace("gcc-12", script);
        await ErrorAsync("KLP0104", r => r with { SearchPath = tools.SearchPath });
    }

    [Fact]
    public async Task A_compiler_without_its_assembler_is_not_taken_for_one_of_another_kind()
    {
        using var tools = new ToolFolder("as", "x86_64-linux-gnu-as");
        Assert.Contains("binutils", (await ErrorAsync("KLP0104", r => r with { SearchPath = tools.SearchPath })).Cure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_linker_names_its_package()
    {
        using var tools = new ToolFolder("ld", "x86_64-linux-gnu-ld");
        Assert.Contains("apt install binutils", (await ErrorAsync("KLP0108", r => r with { SearchPath = tools.SearchPath })).Cure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clang_for_a_kernel_of_gcc_is_refused_and_the_lost_flags_are_listed()
    {
        var request = Request() with { Toolchain = CompilerFamily.Clang };
        Assert.Null(await KernelProbe.GetAsync(request, _said, CancellationToken.None));
        Assert.Contains(_said, d => d.Id == "KLP0106");
        var lost = Assert.Single(_said, d => d.Id == "KLP0107");
        Assert.Contains(lost.Notes!, n => n.Contains("-mindirect-branch=thunk-extern", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Lost_flags_are_an_error_even_when_versions_are_not_looked_at()
    {
        var request = Request() with { CompilerPath = "clang", CompilerVersionCheck = CompilerVersionCheck.Off };
        Assert.Null(await KernelProbe.GetAsync(request, _said, CancellationToken.None));
        Assert.Equal("KLP0107", Assert.Single(_said).Id);
    }

    [Fact]
    public async Task Another_major_version_is_a_warning_that_is_said_each_time()
    {
        PretendKernelOfGcc16();
        var request = Request();
        for (var i = 0; i < 2; i++)
        {
            var said = new DiagnosticBag();
            Assert.NotNull(await KernelProbe.GetAsync(request, said, CancellationToken.None));
            var warning = Assert.Single(said);
            Assert.Equal(("KLP0105", Severity.Warning), (warning.Id, warning.Severity));
            Assert.Contains("16.1.0", warning.Message, StringComparison.Ordinal);
            Assert.Contains($"this compiler is {VersionLine("gcc-12")}.", warning.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Another_major_version_is_an_error_when_asked_for_and_silent_when_asked_for()
    {
        PretendKernelOfGcc16();
        Assert.NotNull(await KernelProbe.GetAsync(Request() with { CompilerVersionCheck = CompilerVersionCheck.Off }, _said, CancellationToken.None));
        Assert.Empty(_said);
        await ErrorAsync("KLP0105", r => r with { CompilerVersionCheck = CompilerVersionCheck.Error });
    }

    [Fact]
    public async Task The_same_compiler_under_another_name_is_the_same_compiler()
    {
        // A kernel that exactly this gcc-12 built, and that names it with its triplet.
        var line = "x86_64-linux-gnu-" + VersionLine("gcc-12");
        var version = Version.Parse(line[(line.LastIndexOf(' ') + 1)..]);
        _tree.Configure(("CC_VERSION_TEXT", line), ("GCC_VERSION", $"{version.Major * 10000 + version.Minor * 100 + version.Build}"));
        var other = Path.Combine(_folder.Path, "other-name");
        File.CreateSymbolicLink(other, ProcessRunner.FindOnPath("gcc-12", KernelProfiles.SearchPath, "/")!);
        Assert.StartsWith("other-name (", VersionLine(other), StringComparison.Ordinal);
        Assert.NotNull(await KernelProbe.GetAsync(Request() with { CompilerPath = other, CompilerVersionCheck = CompilerVersionCheck.Error }, _said, CancellationToken.None));
        Assert.Empty(_said);
    }

    [Fact]
    public async Task A_kernel_of_clang_is_asked_with_clang_and_its_flags_are_kept()
    {
        _tree.PretendClang();
        var profile = await KernelProbe.GetAsync(Request(), _said, CancellationToken.None);
        Assert.True(profile is not null, _said.ToString());
        Assert.Empty(_said);
        Assert.Equal(CompilerFamily.Clang, profile.CompilerFamily);
        Assert.StartsWith("ld.lld", Path.GetFileName(profile.LinkerPath), StringComparison.Ordinal);
        Assert.Contains("-mretpoline-external-thunk", profile.CompilerFlags);
        Assert.DoesNotContain("-fconserve-stack", profile.CompilerFlags);
    }

    [Fact]
    public async Task Gcc_for_a_kernel_of_clang_is_refused()
    {
        _tree.PretendClang();
        Assert.Null(await KernelProbe.GetAsync(Request() with { Toolchain = CompilerFamily.Gcc }, _said, CancellationToken.None));
        Assert.Contains(_said, d => d.Id == "KLP0106" && d.Message.Contains("built with clang", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_missing_make_is_said()
    {
        using var tools = new ToolFolder("make");
        Assert.Contains("apt install make", (await ErrorAsync("KLP0101", r => r with { SearchPath = tools.SearchPath })).Cure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_make_that_does_nothing_gives_no_flags()
    {
        using var tools = new ToolFolder();
        tools.Replace("make", "exit 0");
        await ErrorAsync("KLP0103", r => r with { SearchPath = tools.SearchPath });
    }

    [Fact]
    public async Task A_broken_makefile_shows_makes_own_words()
    {
        _tree.Edit("Makefile", text => text + "\n$(error the tree is broken here)\n");
        var error = await ErrorAsync("KLP0102");
        Assert.Contains(error.Notes!, n => n.Contains("the tree is broken here", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_missing_objtool_is_an_error()
    {
        File.Delete(_tree.Own("tools/objtool/objtool"));
        await ErrorAsync("KLP0111");
    }

    [Fact]
    public async Task An_objtool_of_another_machine_is_an_error()
    {
        var objtool = _tree.Own("tools/objtool/objtool");
        var bytes = File.ReadAllBytes(objtool);
        bytes[18] = 0xb7;
        File.WriteAllBytes(objtool, bytes);
        Assert.Null(await KernelProbe.GetAsync(Request(), _said, CancellationToken.None));
        Assert.Contains(_said, d => d.Severity == Severity.Error && d.Id is "KLP0111" or "KLP0012");
    }

    [Fact]
    public async Task An_objtool_that_fails_is_an_error_with_its_words()
    {
        var objtool = _tree.Own("tools/objtool/objtool");
        File.WriteAllText(objtool, "#!/bin/sh\necho \"version GLIBC_2.99 not found\" >&2\nexit 1\n");
        var error = await ErrorAsync("KLP0111");
        Assert.Contains(error.Notes!, n => n.Contains("GLIBC_2.99", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Headers_that_do_not_compile_are_said_in_the_compilers_words()
    {
        _tree.Edit("include/generated/autoconf.h", text => text + "#error these headers are broken\n");
        var error = await ErrorAsync("KLP0109");
        Assert.Contains(error.Notes!, n => n.Contains("these headers are broken", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_compiler_that_makes_something_else_is_noticed()
    {
        using var tools = new ToolFolder();
        var real = ProcessRunner.FindOnPath("gcc-12", KernelProfiles.SearchPath, "/");
        tools.Replace("gcc-12", $"case \"$*\" in *klp_template*) while [ $# -gt 1 ]; do [ \"$1\" = -o ] && echo rubbish > \"$2\"; shift; done; exit 0;; esac\nexec {real} \"$@\"");
        Assert.Null(await KernelProbe.GetAsync(Request() with { SearchPath = tools.SearchPath }, _said, CancellationToken.None));
        Assert.Contains(_said, d => d.Id == "KLP0600");
    }

    [Fact]
    public async Task A_compiler_that_compiles_something_else_is_told_at_the_headers()
    {
        using var tools = new ToolFolder();
        var real = ProcessRunner.FindOnPath("gcc-12", KernelProfiles.SearchPath, "/");
        tools.Replace("gcc-12", $"case \"$*\" in *klp_template*) while [ $# -gt 1 ]; do [ \"$1\" = -o ] && exec {real} -x c -c /dev/null -o \"$2\"; shift; done;; esac\nexec {real} \"$@\"");
        var error = await ErrorAsync("KLP0212", r => r with { SearchPath = tools.SearchPath });
        Assert.Contains("cannot be used: it has no readable .klp.facts section", error.Message, StringComparison.Ordinal);
        Assert.Contains("KlpCompilerPath", error.Cure, StringComparison.Ordinal);
        Assert.True(Directory.Exists(error.Place.File), error.ToString());
    }

    [Fact]
    public async Task A_tree_without_the_modules_linker_script_is_an_error_with_the_command_that_makes_it()
    {
        // Debian's place of it; a kernel's own is scripts/module.lds.
        _tree.Delete("arch/x86/module.lds");
        var error = await ErrorAsync("KLP0213");
        Assert.Contains("no module.lds", error.Message, StringComparison.Ordinal);
        Assert.Contains($"make -C {_tree.Directory} modules_prepare", error.Cure, StringComparison.Ordinal);
        Assert.Equal(_tree.Directory, error.Place.File);
    }

    [Fact]
    public async Task A_cancelled_probe_kills_make()
    {
        using var tools = new ToolFolder();
        var mark = Path.Combine(_folder.Path, "pid");
        tools.Replace("make", $"echo $$ > '{mark}'\nexec sleep 300");
        using var cancel = new CancellationTokenSource();
        var probe = KernelProbe.GetAsync(Request() with { SearchPath = tools.SearchPath }, _said, cancel.Token);
        while (!File.Exists(mark) || File.ReadAllText(mark).Length == 0)
        {
            await Task.Delay(20);
        }

        var process = File.ReadAllText(mark).Trim();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => probe);
        Assert.False(Directory.Exists("/proc/" + process));
    }

    [Fact]
    public async Task An_unwritable_temporary_folder_is_an_error()
    {
        await ErrorAsync("KLP0010", r => r with { TemporaryDirectory = "/proc/nowhere" });
    }

    private static string VersionLine(string compiler) => CCompiler.Run(compiler, "/", "--version").Split('\n')[0];

    private void PretendKernelOfGcc16() => _tree.Configure(("CC_VERSION_TEXT", "x86_64-linux-gnu-gcc-16 (Debian 16.1.0-1) 16.1.0"), ("GCC_VERSION", "160100"));

    private ProbeRequest Request() => new() { BuildDirectory = _tree.Directory, CacheDirectory = Path.Combine(_folder.Path, "cache"), SearchPath = KernelProfiles.SearchPath };

    private async Task<Diagnostic> ErrorAsync(string code, Func<ProbeRequest, ProbeRequest>? change = null)
    {
        Assert.Null(await KernelProbe.GetAsync((change ?? (r => r))(Request()), _said, CancellationToken.None));
        var error = Assert.Single(_said, d => d.Severity == Severity.Error);
        Assert.Equal(code, error.Id);
        return error;
    }
}
