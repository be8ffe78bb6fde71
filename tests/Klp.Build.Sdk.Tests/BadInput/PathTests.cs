using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests.BadInput;

/// <summary>Names that break scripts: blanks, what MSBuild escapes, what shells and make expand, quotes, other alphabets.</summary>
public sealed class PathTests
{
    private const string Header = "odd h #1 $z ü'%41;.h";
    private const string Odd = "a b;c%41%d$(x) @(y) $z #ü'q\"w";

    [Fact]
    public void Any_name_of_a_project_folder_a_source_and_a_kernel_tree_builds_the_same_module()
    {
        using var plain = SdkProject.Patch();
        File.Move(Path.Combine(plain.Folder, "fix.c"), Path.Combine(plain.Folder, Odd + ".c"));
        AddSecond(plain);
        plain.Build().Succeeded();

        using var odd = SdkProject.Patch(folder: Odd);
        var tree = Path.Combine(odd.Root, "tree" + Odd);
        Directory.CreateSymbolicLink(tree, Path.GetDirectoryName(Kernels.BySeries("6.1").BuildDirectory)!);
        File.WriteAllText(odd.ProjectFile, $"<Project Sdk=\"{SdkProject.Sdk}\"><PropertyGroup><KlpKernelBuildDirectory>{Escaped(tree)}/build</KlpKernelBuildDirectory></PropertyGroup></Project>");
        File.Move(Path.Combine(odd.Folder, "fix.c"), Path.Combine(odd.Folder, Odd + ".c"));
        AddSecond(odd);

        odd.Build().Succeeded();

        Assert.Equal(File.ReadAllBytes(plain.Module()), File.ReadAllBytes(odd.Module()));
        Assert.DoesNotContain(odd.Build().Succeeded().Messages, m => m.StartsWith("Compiling ", StringComparison.Ordinal));
        odd.Write(Header, "#define ODD 2\n");
        Assert.StartsWith("Compiling second ", Assert.Single(odd.Build().Succeeded().Messages, m => m.StartsWith("Compiling ", StringComparison.Ordinal)), StringComparison.Ordinal);
        odd.Write(Odd + ".c", "#error broken\n");
        var error = Assert.Single(Refusal.All(odd, odd.Build()));
        Assert.Equal(Path.Combine(odd.Folder, Odd + ".c"), error.File);
        Assert.Equal(1, error.LineNumber);
        odd.Run("clean").Succeeded();
        Assert.Equal(4, odd.Files().Length);
    }

    private static void AddSecond(SdkProject project)
    {
        project.Write($"second {Odd}.c", $"#include \"{Header}\"\nint second(void);\nint second(void) {{ return ODD; }}\n");
        project.Write(Header, "#define ODD 1\n");
    }

    /// <summary>As MSBuild reads it in an XML element.</summary>
    private static string Escaped(string path) =>
        string.Concat(path.Select(c => "%$@();'*?".Contains(c, StringComparison.Ordinal) ? $"%{(int)c:x2}" : c == '"' ? "&quot;" : c.ToString()));
}
