using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests.Incremental;

/// <summary>Changes outside the project: the compiler and the kernel's build tree.</summary>
public sealed class KernelTests(Workbench bench) : IClassFixture<Workbench>
{
    private static readonly string s_both = Workbench.Everything("a.c", "b.c");

    [Fact]
    public void Another_compiler_compiles_everything_and_so_does_the_same_one_with_other_bytes()
    {
        bench.Settle();
        var gcc = KernelProfiles.For(bench.Kernel).CompilerPath;
        var wrapper = Path.Combine(bench.Project.Root, "mygcc");
        WriteScript(wrapper, $"#!/bin/sh\nexec {gcc} \"$@\"\n");
        var argument = "-p:KlpCompilerPath=" + wrapper;

        // The flags are the same, so the module is; but who knows that before.
        var all = s_both[..s_both.LastIndexOf(' ')];
        bench.Step(all, argument);
        bench.Step(Work.None, argument);
        WriteScript(wrapper, $"#!/bin/sh\nexec {gcc} -DUPDATED \"$@\"\n");
        bench.Step(all, argument);
        File.SetLastWriteTimeUtc(wrapper, DateTime.UtcNow);
        bench.Step(Work.None, argument);
    }

    [Fact]
    public void A_kernels_tree_is_asked_again_when_its_content_changed_and_what_does_not_change_the_module_compiles_nothing()
    {
        using var tree = new TreeMirror(bench.Kernel);
        string[] arguments =
            ["-p:KlpKernelBuildDirectory=" + tree.Directory, "-p:KlpKernelImageFile=" + bench.Kernel.ImageFile, "-p:KlpKernelModulesDirectory=" + bench.Kernel.ModulesDirectory];
        bench.Settle(arguments);
        bench.Step(Work.None, arguments);

        File.SetLastWriteTimeUtc(tree.Own(".config"), DateTime.UtcNow.AddMinutes(-2));
        File.SetLastWriteTimeUtc(tree.Own("Module.symvers"), DateTime.UtcNow.AddMinutes(-2));
        File.SetLastWriteTimeUtc(tree.Own("include/generated/autoconf.h"), DateTime.UtcNow.AddMinutes(-2));
        bench.Step(Work.None, arguments);

        // A remark in .config changes no option.
        tree.Edit(".config", text => text + "# a remark\n");
        bench.Step(Work.None, arguments);

        // What a symbol is exported with is Modpost's business; which symbols there are is the conversion's and the verification's.
        tree.Edit("Module.symvers", text => text.Replace(Line(text, "seq_puts"), "0x12345678\tseq_puts\tvmlinux\tEXPORT_SYMBOL\t", StringComparison.Ordinal));
        Look("Modpost LinkModule KlpConvert VerifyModule Copy", arguments);
        tree.Edit("Module.symvers", text => text + "0x00000001\tklp_test_new_export\tvmlinux\tEXPORT_SYMBOL\t\n");
        Look("Modpost KlpConvert VerifyModule", arguments);

        tree.Edit("include/generated/autoconf.h", text => text + "#define CONFIG_KLP_TEST 1\n");
        Look("a.c b.c", arguments);
    }

    [Fact]
    public void Another_kernel_has_a_folder_of_its_own_and_leaves_the_first_one_alone()
    {
        bench.Settle();
        var other = Kernels.BySeries("6.12");
        var first = bench.Module;

        bench.Project.Build("-p:TargetKernel=" + other.Release).Succeeded();

        Assert.Equal(Work.None, Work.Of(bench.Project.Build("-p:TargetKernel=" + other.Release).Succeeded()));
        bench.Step(Work.None);
        Assert.Equal(first, bench.Module);
        Assert.NotEqual(first, File.ReadAllBytes(bench.Project.Module(other)));
    }

    /// <summary>A state of the tree, which is no file of the project, so the clean build is made here and not looked up.</summary>
    private void Look(string work, string[] arguments)
    {
        Assert.Equal(work, bench.Look(arguments).Work);
        bench.Forget();
        Assert.Equal(bench.CleanBuild(arguments), bench.Module);
    }

    private static string Line(string symvers, string name) => symvers.Split('\n').Single(l => l.Split('\t') is { Length: > 1 } words && words[1] == name);

    private static void WriteScript(string path, string text)
    {
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(-1));
    }
}
