using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests;

/// <summary>
/// Kernels of other machines, from their headers alone, on this one. Debian's carry no livepatches; a private property lets an ordinary module through,
/// which is the one kbuild makes with the same headers and cross compiler.
/// </summary>
public sealed class ForeignKernelTests
{
    /// <summary>The 6.1 of each machine; newer ones (arm64's 6.12 and 7.x, whose build tools come with libraries of their own) in the whole run.</summary>
    public static TheoryData<string> Releases() => [.. Kernels.Foreign.Where(k => k.Series == "6.1" || Tier.Includes($"an ordinary module for {k}")).Select(k => k.Release)];

    [Fact]
    public void There_is_a_tree_of_each_machine()
    {
        Assert.Equal(["arm64", "ppc64le", "s390x"], Kernels.Foreign.Where(k => k.Series == "6.1").Select(k => k.Architecture!.Name).Order(StringComparer.Ordinal));
        if (Tier.IsWhole)
        {
            Assert.Contains(Kernels.Foreign, k => k.Architecture!.Name == "arm64" && k.Series == "6.12");
            Assert.Contains(Kernels.Foreign, k => k.Architecture!.Name == "arm64" && k.Series[0] >= '7');
        }
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void An_ordinary_module_is_the_one_kbuild_makes(string release)
    {
        var kernel = Kernels.ByRelease(release);
        using var project = Ordinary(kernel);

        var build = project.Build().Succeeded();

        // The cross compiler was found; one of the kernel's own version is no reason for a word, and another one for one.
        string[] words = kernel.HasItsCompiler ? [] : ["KLP0105"];
        Assert.Equal(words, build.Warnings.Select(w => w.Code));
        AssertEqualsKbuild(project, kernel);
        Assert.Equal(words, project.Build().Succeeded().Warnings.Select(w => w.Code));
    }

    /// <summary>What Debian's kernels have not: s390x's return thunks, POWER code for size, which calls ld's own register save routines.</summary>
    public static TheoryData<string, string, string> Variants() => Tier.Includes("expolines of s390x and save routines of ppc64le")
        ? new()
        {
            { "s390x", "-mindirect-branch=thunk -mfunction-return=thunk -mindirect-branch-table", ".s390_" },
            { "ppc64le", "-Os", ".sfpr" },
        }
        : new() { { "ppc64le", "-Os", ".sfpr" } };

    [Theory]
    [MemberData(nameof(Variants))]
    public void Code_that_only_other_configurations_make_is_linked_as_kbuild_does(string machine, string options, string section)
    {
        var kernel = Kernels.ByMachine(machine, "6.1");
        using var project = Ordinary(kernel, $"<PropertyGroup><KlpCompilerOptions>{options}</KlpCompilerOptions></PropertyGroup>");

        project.Build().Succeeded();

        Assert.Contains(CCompiler.Read(File.ReadAllBytes(project.Module(kernel))).Sections, s => s.Name.StartsWith(section, StringComparison.Ordinal) && s.Size > 0);
        AssertEqualsKbuild(project, kernel, options.Split(' '));
    }

    [Fact]
    public void Clang_is_the_cross_compiler_of_a_kernel_that_clang_built()
    {
        using var mirror = new TreeMirror(Kernels.ByMachine("arm64", "6.1"));
        mirror.PretendClang();
        var kernel = mirror.Kernel(Kernels.ByMachine("arm64", "6.1"));
        using var project = Ordinary(kernel, $"<PropertyGroup><KlpKernelBuildDirectory>{mirror.Directory}</KlpKernelBuildDirectory></PropertyGroup>");

        Assert.Empty(project.Build().Succeeded().Warnings);

        // lld gives the one-byte placeholders other flags than ld; the kernel sets its own (arch/arm64/kernel/module-plts.c).
        AssertEqualsKbuild(project, kernel, but: d => d.Contains("plt: header ProgBits", StringComparison.Ordinal) || d.Contains(" .text.ftrace_trampoline: header ProgBits", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("arm64", "KLP0214", "came with Linux 6.17")]
    [InlineData("ppc64le", "KLP0207", "CONFIG_LIVEPATCH")]
    [InlineData("s390x", "KLP0207", "CONFIG_LIVEPATCH")]
    public void A_patch_for_a_kernel_that_cannot_carry_it_is_refused_before_anything_is_compiled(string machine, string code, string words)
    {
        using var project = SdkProject.Patch(Kernels.ByMachine(machine, "6.1"));

        var error = Assert.Single(project.Build().FailedWith(code).Errors);

        Assert.Contains(words, error.Text, StringComparison.Ordinal);
        Assert.Contains(machine, error.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(project.Files(), f => f.EndsWith(".o", StringComparison.Ordinal));
    }

    private static SdkProject Ordinary(TestKernel kernel, string content = "")
    {
        var project = SdkProject.Empty(
            $"<PropertyGroup><TargetKernel>{kernel.Release}</TargetKernel><_KlpOrdinaryModule>true</_KlpOrdinaryModule></PropertyGroup>\n{content}", OrdinaryModule.Name, OrdinaryModule.Name);
        OrdinaryModule.WriteTo(project);
        return project;
    }

    private static void AssertEqualsKbuild(SdkProject project, TestKernel kernel, string[]? options = null, Func<string, bool>? but = null)
    {
        using var reference = Kbuild.Build(kernel, OrdinaryModule.Name, OrdinaryModule.Sources, options);
        var differences = ModuleComparer.Compare(CCompiler.Read(File.ReadAllBytes(project.Module(kernel))), CCompiler.Read(File.ReadAllBytes(reference.File)))
            .Where(d => but?.Invoke(d) != true).ToList();
        Assert.True(differences.Count == 0, $"{kernel}:\n{string.Join('\n', differences)}");
    }
}
