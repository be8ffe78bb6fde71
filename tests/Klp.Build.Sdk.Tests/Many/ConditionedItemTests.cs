using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests;

/// <summary><c>Kernels</c> metadata: sources and annotations for some kernels only.</summary>
public sealed class ConditionedItemTests
{
    private const string Young = "<ItemGroup><Compile Update=\"young.c\" Kernels=\"6.12.*\" /></ItemGroup>";

    [Fact]
    public void A_source_for_some_kernels_is_compiled_for_those_and_leaves_nothing_behind_when_that_changes()
    {
        using var project = ManyProject.Create(Young);
        using var plain = ManyProject.Create();
        project.Write("young.c", "int young_only(void);\nint young_only(void) { return 6; }\n");
        string ObjectOf(TestKernel kernel) => Path.Combine(project.Folder, "obj", kernel.Release, "objects", "young.o");

        Assert.Empty(project.Build().Succeeded().Warnings);
        plain.Build().Succeeded();

        Assert.False(File.Exists(ObjectOf(ManyProject.Old)));
        Assert.True(File.Exists(ObjectOf(ManyProject.Young)));
        Assert.Equal(File.ReadAllBytes(plain.Module(ManyProject.Old)), File.ReadAllBytes(project.Module(ManyProject.Old)));
        Assert.NotEqual(File.ReadAllBytes(plain.Module(ManyProject.Young)), File.ReadAllBytes(project.Module(ManyProject.Young)));

        File.WriteAllText(project.ProjectFile, File.ReadAllText(project.ProjectFile).Replace("6.12.*", "!6.12.*;!6.1.*", StringComparison.Ordinal));
        project.Build().Succeeded();
        Assert.False(File.Exists(ObjectOf(ManyProject.Young)));
        Assert.Equal(File.ReadAllBytes(plain.Module(ManyProject.Young)), File.ReadAllBytes(project.Module(ManyProject.Young)));
    }

    [Fact]
    public void A_wildcard_that_matches_no_kernel_of_the_projects_list_is_a_warning()
    {
        using var project = ManyProject.Create("""
            <ItemGroup>
              <Compile Update="fix.c" Kernels="6.1*;6.13.*;!4.*" />
              <KlpSymbolHint Include="name_show" SymbolPosition="1" Kernels="6.1" />
            </ItemGroup>
            """);

        var warnings = project.Build().Succeeded().Warnings.Where(w => w.Code == "KLP0033").Select(w => w.Text).ToArray();

        Assert.Equal(2, warnings.Length);
        Assert.Contains(warnings, w => w.Contains("Compile fix.c", StringComparison.Ordinal) && w.Contains("'6.13.*'", StringComparison.Ordinal));
        Assert.Contains(warnings, w => w.Contains("KlpSymbolHint name_show", StringComparison.Ordinal) && w.Contains("'6.1'", StringComparison.Ordinal));

        // Somebody who builds some of the kernels has misspelt nothing.
        Assert.DoesNotContain(project.Build("-p:TargetKernels=" + ManyProject.Young.Release).Succeeded().Warnings, w => w.Code == "KLP0033");
    }
}
