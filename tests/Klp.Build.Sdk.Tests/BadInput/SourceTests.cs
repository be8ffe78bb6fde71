using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests.BadInput;

/// <summary>Sources that do not compile: every message of every source, at its line and column, with the option as its code and the compiler's notes.</summary>
public sealed class SourceTests
{
    private const string Unused = """
        #include <linux/seq_file.h>
        #include <klp/patch.h>

        KLP_FUNC(vmlinux, cmdline_proc_show, int, struct seq_file *m, void *v)
        {
        	int unused;

        	return 0;
        }

        KLP_MODULE("GPL");
        """;

    [Fact]
    public void Errors_of_all_sources_come_at_once_with_line_column_option_and_notes()
    {
        using var project = SdkProject.Patch();
        project.Build().Succeeded();
        var module = File.ReadAllBytes(project.Module());
        project.Write("header.c", "#include \"no such header.h\"\n");
        project.Write("syntax.c", "int x(void);\nint x(void)\n{\n\treturn 1\n}\n");
        project.Write("types.c", """
            static int one(int a) { return a; }
            int two(void);
            int two(void)
            {
            	return one(1, 2) + nothing;
            }
            int *three(void);
            int *three(void)
            {
            	return 3;
            }
            """);

        var build = project.Build();

        var errors = Refusal.All(project, build);
        Assert.Equal(5, errors.Count);
        var header = Refusal.Check(errors.At("header.c", 1), build, "KLP0100", "no such header.h: No such file or directory");
        Assert.Equal(10, header.ColumnNumber);
        Assert.Equal(17, Refusal.Check(errors.At("syntax.c", 4), build, "KLP0100", "expected ';'").ColumnNumber);
        var types = errors.Where(e => Path.GetFileName(e.File) == "types.c" && e.LineNumber == 5).ToArray();
        Assert.Equal(["KLP0100", "KLP0100"], types.Select(e => e.Code));
        Assert.Equal("Wreturn-type", errors.At("types.c", 6).Code);
        Assert.Contains("types.c:1:12: note: declared here", Assert.Single(types, e => e.Text.StartsWith("too many arguments", StringComparison.Ordinal)).Text, StringComparison.Ordinal);
        Assert.Contains("In function 'two'", types[0].Text, StringComparison.Ordinal);
        Assert.Equal("Wint-conversion", build.Warnings.At("types.c", 10).Code);
        Assert.Equal(module, File.ReadAllBytes(project.Module()));
    }

    [Fact]
    public void The_usual_switches_govern_the_compilers_warnings_and_ours()
    {
        using var project = SdkProject.Patch();
        project.Write("fix.c", Unused);
        Assert.Equal("Wunused-variable", Assert.Single(project.Build().Succeeded().Warnings).Code);
        Assert.Equal("Wunused-variable", Assert.Single(project.Build().Succeeded().Warnings).Code);
        Assert.Empty(project.Build("-p:NoWarn=Wunused-variable").Succeeded().Warnings);
        var error = Refusal.One(project, project.Build("-p:TreatWarningsAsErrors=true"), "Wunused-variable", "unused variable 'unused'");
        Assert.Equal((6, 13), (error.LineNumber, error.ColumnNumber));
        Refusal.One(project, project.Build("-p:WarningsAsErrors=Wunused-variable"), "Wunused-variable");
        Assert.Single(project.Build("-p:TreatWarningsAsErrors=true", "-p:WarningsNotAsErrors=Wunused-variable").Succeeded().Warnings);

        // A replacement that calls the function it replaces: ours, a warning.
        project.Write("fix.c", Unused.Replace("\tint unused;\n", "\textern int cmdline_proc_show(struct seq_file *, void *);\n\tcmdline_proc_show(m, v);\n", StringComparison.Ordinal));
        Assert.Equal("KLP0789", Assert.Single(project.Build().Succeeded().Warnings).Code);
        Refusal.One(project, project.Build("-p:WarningsAsErrors=KLP0789"), "KLP0789", "cmdline_proc_show");
        Assert.Empty(project.Build("-p:NoWarn=KLP0789").Succeeded().Warnings);
    }

    [Fact]
    public void A_project_without_sources_and_a_source_that_is_not_there_are_told()
    {
        using var project = SdkProject.Patch();
        File.Delete(Path.Combine(project.Folder, "fix.c"));
        Assert.Equal(project.ProjectFile, Refusal.One(project, project.Build(), "KLP0122", "Put a .c file next to the project").File);
        File.WriteAllText(project.ProjectFile, File.ReadAllText(project.ProjectFile).Replace("</Project>", "<ItemGroup><Compile Include=\"gone.c;notes.txt\" /></ItemGroup></Project>", StringComparison.Ordinal));
        project.Write("notes.txt", "not C");
        Assert.Equal(["KLP0118", "KLP0119"], Refusal.All(project, project.Build()).Select(e => e.Code).Order());
    }

    [Fact]
    public void What_two_sources_both_define_is_told_at_the_line_of_the_second()
    {
        using var project = SdkProject.Patch();
        project.Write("one.c", "int same(void);\n\nint same(void) { return 1; }\n");
        project.Write("two.c", "int same(void);\nint same(void) { return 2; }\n");
        var error = Refusal.One(project, project.Build(), "KLP0115", "'same' is defined twice: here and in one.c(3).", "static");
        Assert.Equal(("two.c", 2), (Path.GetFileName(error.File), error.LineNumber));

        File.Delete(Path.Combine(project.Folder, "one.c"));
        project.Write("two.c", "#include <klp/patch.h>\nKLP_MODULE(\"GPL\");\n");
        Refusal.One(project, project.Build(), "KLP0542", "Leave one of them", "fix.c(10)", "two.c(2)");
    }

    [Fact]
    public void A_macro_without_its_header_is_told_the_line_to_add_and_a_property_that_contradicts_the_source_is_told_in_the_project()
    {
        using var project = SdkProject.Patch();
        project.Write("fix.c", SdkProject.PatchSource.Replace("#include <klp/patch.h>\n", "", StringComparison.Ordinal));
        var build = project.Build();
        Refusal.Check(Refusal.All(project, build)[0], build, "KLP0100", "#include <klp/patch.h>");

        project.Write("fix.c", SdkProject.PatchSource);
        File.WriteAllText(project.ProjectFile, File.ReadAllText(project.ProjectFile).Replace("</Project>", "<ItemGroup><ModuleInfo Include=\"license\" Value=\"MIT\" /></ItemGroup></Project>", StringComparison.Ordinal));
        Assert.Equal(project.ProjectFile, Refusal.One(project, project.Build(), "KLP0524", "ModuleInfo 'license'").File);
    }
}
