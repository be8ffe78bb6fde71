using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests.Incremental;

/// <summary>Changes of sources, headers and the project: each build does exactly what the change asks for.</summary>
public sealed class SourceTests(Workbench bench) : IClassFixture<Workbench>
{
    private static readonly string s_both = Workbench.Everything("a.c", "b.c");

    [Fact]
    public void A_source_is_compiled_when_its_content_changed_and_nothing_runs_when_only_its_time_did()
    {
        bench.Settle();
        bench.Step(Work.None);

        File.SetLastWriteTimeUtc(Source("a.c"), DateTime.UtcNow);
        bench.Step(Work.None);
        File.SetLastWriteTimeUtc(Source("a.c"), new DateTime(2060, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        bench.Step(Work.None);
        File.SetLastWriteTimeUtc(Source("b.c"), new DateTime(1999, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        bench.Step(Work.None);

        // An edit that brings a time older than the object's, as a restored backup does.
        bench.Replace("b.c", "version ", "Version ");
        File.SetLastWriteTimeUtc(Source("b.c"), new DateTime(1998, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        bench.Step(Workbench.Everything("b.c"));

        bench.Replace("b.c", "Version ", "version ");
        bench.Step(Workbench.Everything("b.c"));

        // There and back between two builds is nothing.
        bench.Replace("a.c", "return 0", "return 1");
        bench.Replace("a.c", "return 1", "return 0");
        bench.Step(Work.None);
    }

    [Fact]
    public void A_comment_is_compiled_and_goes_no_further_than_srcversion()
    {
        bench.Settle();

        bench.Replace("a.c", "remark", "another remark");

        // Modpost reads the sources, for srcversion, which knows no comments: its record is the same, so nothing behind it runs.
        bench.Step("a.c Modpost");
        bench.Step(Work.None);
    }

    [Fact]
    public void A_header_compiles_the_sources_that_include_it()
    {
        bench.Settle();

        bench.Replace("detail.h", "5", "6");
        bench.Step(Workbench.Everything("a.c"));
        bench.Replace("mark.h", "mark\"", "sign\"");
        bench.Step(s_both);
        bench.Replace("late/shade.h", "3", "4");
        bench.Step(Workbench.Everything("a.c"));
        bench.Replace("late/shade.h", "#define", "/* a shade */ #define");
        bench.Step("a.c Modpost");

        Rename("detail.h", "details.h");
        bench.Replace("a.c", "detail.h", "details.h");
        bench.Step("a.c Modpost");

        // A header of another folder that takes over.
        Directory.CreateDirectory(Source("inc"));
        Rename("mark.h", "inc/mark.h");
        bench.Step("a.c b.c Modpost", "-p:KlpCompilerOptions=-Iinc");
        bench.Step(Work.None, "-p:KlpCompilerOptions=-Iinc");
        Directory.Delete(Source("inc"), recursive: true);
    }

    [Fact]
    public void A_header_that_is_gone_is_an_error_at_the_line_that_wants_it_and_harms_no_module()
    {
        bench.Settle();
        var module = bench.Module;

        File.Delete(Source("detail.h"));
        var failed = bench.Project.Build();

        Assert.NotEqual(0, failed.ExitCode);
        Assert.Contains(failed.Errors, e => e.File == Source("a.c") && e.LineNumber == 6);
        Assert.Equal(module, bench.Module);

        // Without the line it builds; with both back it is what it was.
        bench.Replace("a.c", "#include \"detail.h\"", "#define DETAIL 7");
        bench.Step(Workbench.Everything("a.c"));
        bench.WriteFiles();
        bench.Step(Workbench.Everything("a.c"));
        Assert.Equal(module, bench.Module);
    }

    [Fact]
    public void A_new_header_in_a_folder_searched_earlier_is_not_seen_until_a_rebuild()
    {
        // As with kbuild: the compiler tells which files it read, not where it looked in vain. docs/incremental.md says so.
        bench.Settle();
        bench.Project.Write("early/shade.h", "#define SHADE 9\n");

        Assert.Equal(Work.None, bench.Look().Work);
        Assert.NotEqual(bench.CleanBuild(), bench.Module);
        Assert.Equal(s_both, bench.Look("-t:Rebuild").Work);
        Assert.Equal(bench.CleanBuild(), bench.Module);

        // Once it is read its loss is seen.
        File.Delete(Source("early/shade.h"));
        bench.Step(Workbench.Everything("a.c"));
    }

    [Fact]
    public void A_source_that_comes_goes_or_changes_its_name_takes_its_object_along()
    {
        bench.Settle();

        bench.Project.Write("c.c", Workbench.C);
        bench.Step(Workbench.Everything("c.c"));
        Assert.True(File.Exists(ObjectFile("c.o")));

        // Order of sources is order of code: a name that sorts elsewhere moves it.
        Rename("c.c", "aa.c");
        bench.Step(Workbench.Everything("aa.c"));
        Assert.False(File.Exists(ObjectFile("c.o")));

        File.Delete(Source("aa.c"));
        bench.Step(Work.AfterCompile);
        Assert.False(File.Exists(ObjectFile("aa.o")));
    }

    [Fact]
    public void An_option_compiles_what_it_is_given_for_and_a_property_runs_the_stage_that_reads_it()
    {
        bench.Settle();

        // A macro that no source asks for: compiled, since who could know, but the objects are the same.
        bench.Step("a.c b.c", "-p:DefineConstants=SOMETHING");
        bench.Step(Work.None, "-p:DefineConstants=SOMETHING");
        bench.Step(s_both, "-p:KlpCompilerOptions=-O1");
        bench.Step(s_both);
        bench.Step("Modpost LinkModule KlpConvert VerifyModule Copy", "-p:Version=1.2.3");
        bench.Step("Modpost LinkModule KlpConvert VerifyModule Copy");
        bench.Step("LinkModule KlpConvert VerifyModule Copy", "-p:DebugSymbols=false");
        bench.Step("LinkModule KlpConvert VerifyModule Copy");
        bench.Step(Work.None, "-p:Configuration=Release");
    }

    [Fact]
    public void An_edit_of_the_project_file_does_what_it_says_and_no_more()
    {
        bench.Settle();

        bench.Replace("fix.klpproj", "<ItemGroup>", "<!-- nothing -->\n<ItemGroup>");
        bench.Step(Work.None);
        bench.Replace("fix.klpproj", "<ItemGroup>", "<ItemGroup><Compile Update=\"a.c\" CompilerOptions=\"-DALONE\" />");
        bench.Step("a.c");
        bench.Replace("fix.klpproj", "<ItemGroup>", "<ItemGroup><ModuleInfo Include=\"author\" Value=\"somebody\" />");
        bench.Step("Modpost LinkModule KlpConvert VerifyModule Copy");
    }

    private string Source(string name) => Path.Combine(bench.Project.Folder, name);

    private string ObjectFile(string name) => Path.Combine(bench.Objects, "objects", name);

    private void Rename(string old, string @new) => File.Move(Source(old), Source(@new));
}
