using Klp.Base;
using Klp.TestKit;
using Klp.Toolchain;
using Xunit;

namespace Klp.Tests.Toolchain;

/// <summary>Wrong uses of the author's header: what the compiler says of the macro's insides comes at the user's line, with what to write there.</summary>
public sealed class MacroMisuseTests
{
    [Theory]
    [InlineData("KLP_FUNC(vmlinux, do_thing.part.0, int, void)", "KLP_FUNC_NAMED(vmlinux, \"do_thing.part.0\", do_thing, …)")]
    [InlineData("KLP_FUNC_POS(ext4, do_thing.isra.0, 2, int, void)", "KLP_FUNC_NAMED_POS(ext4, \"do_thing.isra.0\", position, do_thing, …)")]
    [InlineData("KLP_FUNC(vmlinux, \"do_thing\", int, void)", "name is written without quotes")]
    [InlineData("KLP_FUNC(\"vmlinux\", do_thing.cold, int, void)", "object is written without quotes")]
    [InlineData("static KLP_FUNC(vmlinux, do_thing, int, void)", "Nothing stands before the macro")]
    [InlineData("KLP_PRE_PATCH(snd-hda-intel, object)", "'_' in place of '-'")]
    public async Task A_wrong_use_of_the_header_is_told_at_its_line_with_its_cure(string use, string cure)
    {
        using var project = new SampleProject(Kernels.BySeries("6.1"));
        project.Write("a.c", $"#include <klp/patch.h>\n\n{use}\n{{\n\treturn 0;\n}}\n");
        Assert.Null(await project.CompileAsync(project.Request("a.c") with { SdkIncludeDirectory = Repository.Combine("sdk", "Klp.Build.Sdk", "include") }));
        var told = Assert.Single(project.Diagnostics, d => d.Cure is not null);
        Assert.Equal((Severity.Error, Path.Combine(project.Directory, "a.c"), 3), (told.Severity, told.Place.File!, told.Place.Line));
        Assert.Contains(cure, told.Cure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Two_module_lines_in_one_file_are_one_mistake(bool isClang)
    {
        using var tree = new TreeMirror(Kernels.BySeries("6.1"));
        using var project = new SampleProject(Kernels.BySeries("6.1"));
        if (isClang)
        {
            tree.PretendClang();
            project.Profile = (await KernelProbe.GetAsync(new ProbeRequest { BuildDirectory = tree.Directory, SearchPath = KernelProfiles.SearchPath }, [], CancellationToken.None))!;
        }

        project.Write("a.c", "#include <klp/patch.h>\n\nKLP_MODULE(\"GPL\");\nKLP_MODULE(\"GPL\", .replace = true);\n");
        Assert.Null(await project.CompileAsync(project.Request("a.c") with { SdkIncludeDirectory = Repository.Combine("sdk", "Klp.Build.Sdk", "include") }));
        var told = Assert.Single(project.Diagnostics, d => d.Severity == Severity.Error);
        Assert.Equal(("KLP0542", 4, "Leave one of them."), (told.Id, told.Place.Line, told.Cure));
    }

    [Fact]
    public async Task A_name_of_the_header_that_the_author_takes_is_no_second_module_line()
    {
        using var project = new SampleProject(Kernels.BySeries("6.1"));
        project.Write("a.c", "#include <klp/patch.h>\n\nstatic struct klp_patch klp_patch = { };\nKLP_MODULE(\"GPL\");\n");
        Assert.Null(await project.CompileAsync(project.Request("a.c") with { SdkIncludeDirectory = Repository.Combine("sdk", "Klp.Build.Sdk", "include") }));
        Assert.DoesNotContain(project.Diagnostics, d => d.Id == "KLP0542");
    }
}
