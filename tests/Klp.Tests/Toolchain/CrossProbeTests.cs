using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.TestKit;
using Klp.Toolchain;
using Xunit;

namespace Klp.Tests.Toolchain;

/// <summary>Kernels of other machines and of compilers that are not here: which tools are taken, and what is said of it.</summary>
public sealed class CrossProbeTests : IDisposable
{
    private readonly DiagnosticBag _said = new();
    /// <summary>Debian's next release has another minor version of the kernel's compiler, and another compiler as the usual one; that is told, and fine.</summary>
    private const string OtherVersion = "KLP0105";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("arm64", ElfMachine.AArch64, ByteOrder.Little, "aarch64-linux-gnu-gcc-12", 0x380)]
    [InlineData("ppc64le", ElfMachine.Ppc64, ByteOrder.Little, "powerpc64le-linux-gnu-gcc-12", 0x400)]
    [InlineData("s390x", ElfMachine.S390, ByteOrder.Big, "s390x-linux-gnu-gcc-12", 0x500)]
    public async Task The_cross_compiler_of_the_kernels_version_is_found_by_itself(string machine, ElfMachine elf, ByteOrder order, string compiler, int moduleSize)
    {
        var kernel = Kernels.ByMachine(machine, "6.1");
        var profile = await KernelProbe.GetAsync(Request(kernel), _said, CancellationToken.None);

        Assert.True(profile is not null, _said.ToString());
        Assert.DoesNotContain(_said, d => d.Id != OtherVersion);
        Assert.Equal((elf, order, compiler, kernel.Architecture!.SourceName), (profile.Machine, profile.ByteOrder, Path.GetFileName(profile.CompilerPath), profile.SourceArchitecture));
        Assert.Equal(kernel.Prefix + "ld", Path.GetFileName(profile.LinkerPath));
        Assert.Equal(moduleSize, profile.Template.ThisModule.Length);
        Assert.Equal(kernel.Architecture.AbsoluteRelocation, profile.Template.AbsoluteRelocationType);
        Assert.Null(profile.ObjtoolPath);

        // POWER's old ftrace wants the kernel's own recorder; its linker brings the register save routines.
        Assert.Equal(machine == "ppc64le", profile.RecordMcountPath is not null);
        Assert.Equal(machine == "ppc64le" ? ["--save-restore-funcs"] : [], profile.MergeWords);
    }

    [Theory]
    [InlineData("arm64", "gcc-aarch64-linux-gnu")]
    [InlineData("ppc64le", "gcc-powerpc64le-linux-gnu")]
    [InlineData("s390x", "gcc-s390x-linux-gnu")]
    public async Task A_missing_cross_compiler_is_told_with_its_package(string machine, string package)
    {
        var kernel = Kernels.ByMachine(machine, "6.1");
        using var tools = new ToolFolder(kernel.Prefix + "gcc", kernel.Prefix + "gcc-12");

        Assert.Null(await KernelProbe.GetAsync(Request(kernel) with { SearchPath = tools.SearchPath }, _said, CancellationToken.None));

        var error = Assert.Single(_said);
        Assert.Equal("KLP0123", error.Id);
        Assert.Contains(machine, error.Message, StringComparison.Ordinal);
        Assert.Contains($"apt install {package}.", error.Cure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cross_tools_that_only_have_another_name_are_found_or_can_be_named()
    {
        var kernel = Kernels.ByMachine("arm64", "6.1");
        using var tools = new ToolFolder(kernel.Prefix + "gcc-12", kernel.Prefix + "gcc");
        foreach (var tool in new[] { "gcc", "ld", "nm", "objcopy", "objdump", "ar", "strip", "readelf" })
        {
            foreach (var prefix in new[] { "aarch64-suse-linux-", "my-" })
            {
                File.CreateSymbolicLink(Path.Combine(tools.Folder, prefix + tool), ProcessRunner.FindOnPath(kernel.Prefix + tool, KernelProfiles.SearchPath, "/")!);
            }
        }

        // Found though the kernel asks for gcc-12 of them, which is not there: it is that version.
        var found = await KernelProbe.GetAsync(Request(kernel) with { SearchPath = tools.SearchPath }, _said, CancellationToken.None);
        var named = await KernelProbe.GetAsync(Request(kernel) with { SearchPath = tools.SearchPath, CrossPrefix = "my-" }, _said, CancellationToken.None);

        Assert.DoesNotContain(_said, d => d.Id != OtherVersion);
        Assert.Equal(("aarch64-suse-linux-gcc", "aarch64-suse-linux-ld"), (Path.GetFileName(found!.CompilerPath), Path.GetFileName(found.LinkerPath)));
        Assert.Equal(("my-gcc", "my-ld"), (Path.GetFileName(named!.CompilerPath), Path.GetFileName(named.LinkerPath)));
    }

    [Fact]
    public async Task A_compiler_that_is_not_here_is_stood_in_for_until_it_comes()
    {
        var kernel = Kernels.BySeries("6.1");
        using var tools = new ToolFolder("gcc-12", "x86_64-linux-gnu-gcc-12");
        var request = Request(kernel) with { SearchPath = tools.SearchPath, CacheDirectory = _folder.Path };

        Assert.Equal("gcc", Path.GetFileName((await KernelProbe.GetAsync(request, _said, CancellationToken.None))!.CompilerPath));
        File.CreateSymbolicLink(Path.Combine(tools.Folder, "gcc-12"), ProcessRunner.FindOnPath("gcc-12", KernelProfiles.SearchPath, "/")!);
        Assert.Equal("gcc-12", Path.GetFileName((await KernelProbe.GetAsync(request, _said, CancellationToken.None))!.CompilerPath));
        Assert.DoesNotContain(_said, d => d.Id != OtherVersion);
    }

    [Fact]
    public async Task A_kernel_whose_compiler_is_newer_is_asked_for_the_flags_of_the_one_that_is_here()
    {
        // A kernel of a gcc that has what no gcc has, as the configuration of 7.x is to gcc 12.
        using var mirror = new TreeMirror(Kernels.BySeries("6.1"));
        mirror.Configure(("CC_VERSION_TEXT", "gcc-99 (Debian 99.1.0-1) 99.1.0"), ("GCC_VERSION", "990100"), ("CC_HAS_LATER_WISDOM", "y"));
        mirror.Edit(".kernelvariables", text => text + "ifdef CONFIG_CC_HAS_LATER_WISDOM\nKCFLAGS += -flater-wisdom=3\nelse\nKCFLAGS += -DWITHOUT_WISDOM\nendif\n");
        mirror.Edit("include/generated/utsrelease.h", text => text + "#if __GNUC__ < 99\nstatic int __attribute__((wisdom)) wise __attribute__((unused));\n#endif\n");

        var profile = await KernelProbe.GetAsync(new ProbeRequest { BuildDirectory = mirror.Directory, SearchPath = KernelProfiles.SearchPath }, _said, CancellationToken.None);

        Assert.True(profile is not null, _said.ToString());
        Assert.Equal(("KLP0105", Severity.Warning), Assert.Single(_said) is var said ? (said.Id, said.Severity) : default);
        Assert.Contains("-DWITHOUT_WISDOM", profile.CompilerFlags);
        Assert.DoesNotContain(profile.CompilerFlags, f => f.Contains("later-wisdom", StringComparison.Ordinal));
        Assert.Contains("-Wno-attributes", profile.CompilerFlags);
    }

    private static ProbeRequest Request(TestKernel kernel) => new() { BuildDirectory = kernel.BuildDirectory, SearchPath = KernelProfiles.SearchPath, ForLivepatch = !kernel.IsForeign };
}
