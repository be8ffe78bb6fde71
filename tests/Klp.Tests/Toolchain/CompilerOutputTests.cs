using Klp.Base;
using Klp.TestKit;
using Klp.Toolchain;
using Xunit;

namespace Klp.Tests.Toolchain;

/// <summary>What real compilers print becomes diagnostics with the right place, code and notes, and nothing is lost.</summary>
public sealed class CompilerOutputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Compilers => ["gcc", "clang"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Compilers))]
    public void A_warning_has_its_option_as_code_and_its_place(string compiler)
    {
        var said = Parse(compiler, "int f(void)\n{\n\tint unused;\n\treturn 1;\n}\n", "-Wall");
        var warning = Assert.Single(said.Diagnostics);
        Assert.Equal(("Wunused-variable", Severity.Warning), (warning.Id, warning.Severity));
        Assert.Equal(Path.Combine(_folder.Path, "t.c"), warning.Place.File);
        Assert.Equal(3, warning.Place.Line);
        Assert.True(warning.Place.Column > 1);
        Assert.StartsWith("unused variable 'unused'", warning.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("[-W", warning.Message, StringComparison.Ordinal);
        Assert.Contains(warning.Notes!, n => n.Contains("int unused;", StringComparison.Ordinal));
        Assert.Empty(said.Rest);
    }

    [Theory]
    [MemberData(nameof(Compilers))]
    public void A_warning_made_an_error_keeps_its_name(string compiler)
    {
        var said = Parse(compiler, "int f(void)\n{\n\tint unused;\n\treturn g();\n}\n", "-Wall", "-Werror");
        Assert.Equal(["Wimplicit-function-declaration", "Wunused-variable"], said.Diagnostics.Select(d => d.Id).Order(StringComparer.Ordinal));
        Assert.All(said.Diagnostics, d => Assert.Equal(Severity.Error, d.Severity));
        Assert.Empty(said.Rest);
    }

    [Theory]
    [MemberData(nameof(Compilers))]
    public void An_error_without_an_option_is_KLP0100(string compiler)
    {
        var said = Parse(compiler, "int f(void)\n{\n\treturn nobody;\n}\n");
        var error = Assert.Single(said.Diagnostics);
        Assert.Equal(("KLP0100", Severity.Error, 3), (error.Id, error.Severity, error.Place.Line));
        Assert.Contains("nobody", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Compilers))]
    public void Notes_and_the_way_through_includes_belong_to_their_message(string compiler)
    {
        _folder.Write("outer.h", "#include \"inner.h\"\n");
        _folder.Write("inner.h", "int f(int a);\nint broken(int);\nint broken(char);\n");
        var said = Parse(compiler, "#include \"outer.h\"\n");
        var error = Assert.Single(said.Diagnostics);
        Assert.Equal(new SourcePlace(Path.Combine(_folder.Path, "inner.h"), 3, 5), error.Place);
        Assert.Contains(error.Notes!, n => n.Contains("outer.h:1", StringComparison.Ordinal));
        Assert.Contains(error.Notes!, n => n.Contains("t.c:1", StringComparison.Ordinal));
        Assert.Contains(error.Notes!, n => n.Contains("inner.h:2:5: note: previous declaration", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Compilers))]
    public void A_fatal_error_is_an_error(string compiler)
    {
        var said = Parse(compiler, "int a;\n#include <nobody/knows.h>\n");
        var error = Assert.Single(said.Diagnostics);
        Assert.Equal(("KLP0100", Severity.Error, 2), (error.Id, error.Severity, error.Place.Line));
        Assert.Contains("nobody/knows.h", error.Message, StringComparison.Ordinal);
        Assert.Empty(said.Rest);
    }

    [Theory]
    [MemberData(nameof(Compilers))]
    public void An_unknown_option_is_an_error_of_the_tool(string compiler)
    {
        var said = Parse(compiler, "int a;\n", "-fno-such-thing-at-all");
        var error = Assert.Single(said.Diagnostics);
        Assert.Equal((Severity.Error, (string?)null), (error.Severity, error.Place.File));
        Assert.Contains("-fno-such-thing-at-all", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Compilers))]
    public void The_assembler_is_understood_too(string compiler)
    {
        var said = Parse(compiler, "void f(void)\n{\n\tasm(\"no_such_instruction\");\n}\n");
        Assert.Contains(said.Diagnostics, d => d.Severity == Severity.Error && (d.Message + string.Concat(d.Notes ?? [])).Contains("no_such_instruction", StringComparison.Ordinal));
        Assert.Empty(said.Rest);
    }

    [Fact]
    public void What_the_assembler_finds_in_no_line_of_a_file_is_at_the_source()
    {
        var said = Parse("gcc", "asm(\".macro\");\n", "-pipe");
        Assert.All(said.Diagnostics, d => Assert.Equal((Path.Combine(_folder.Path, "t.c"), 0), (d.Place.File, d.Place.Line)));
        Assert.Contains(said.Diagnostics, d => d.Severity == Severity.Error && d.Message.Contains("of what the compiler gave the assembler", StringComparison.Ordinal));
        Assert.Empty(said.Rest);
    }

    [Fact]
    public void What_the_assembler_says_of_half_a_file_is_not_said_beside_why_it_is_half()
    {
        // The dependency file has no room: the compiler ends with an error and the assembler with the output of gcc taken away, in either order.
        var said = Parse("gcc", "asm(\".macro\");\nint f(void) { return 1; }\n", "-pipe", "-MD", "-MF", "/dev/full");
        Assert.Contains(said.Diagnostics, d => d.Message.Contains("No space left on device", StringComparison.Ordinal));
        Assert.DoesNotContain(said.Diagnostics, d => d.Message.Contains("assembler", StringComparison.Ordinal) || d.Message.Contains("standard input", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Compilers))]
    public void Two_messages_of_one_function_both_say_where(string compiler)
    {
        var said = Parse(compiler, "int f(void)\n{\n\tint one;\n\tint two;\n\treturn 1;\n}\n", "-Wall");
        Assert.Equal([3, 4], said.Diagnostics.Select(d => d.Place.Line).Order());
        Assert.All(said.Diagnostics, d => Assert.Equal(compiler == "gcc", d.Notes!.Contains("In function 'f'")));
    }

    [Theory]
    [MemberData(nameof(Compilers))]
    public void Odd_file_names_stay_whole(string compiler)
    {
        _folder.Write("a b;$ü.h", "#warning \"said by the header\"\n");
        var said = Parse(compiler, "#include \"a b;$ü.h\"\n");
        var warning = Assert.Single(said.Diagnostics);
        Assert.Equal("Wcpp", warning.Id.Replace("W#warnings", "Wcpp", StringComparison.Ordinal));
        Assert.Equal(Path.Combine(_folder.Path, "a b;$ü.h"), warning.Place.File);
    }

    [Fact]
    public void Macro_expansions_and_ranges_of_gcc_are_notes()
    {
        var said = Parse("gcc", "#define TWICE(x) ((x) + (y))\nint f(int x)\n{\n\treturn TWICE(x);\n}\n");
        var error = Assert.Single(said.Diagnostics);
        Assert.Equal(1, error.Place.Line);
        Assert.Contains(error.Notes!, n => n.Contains("in expansion of macro", StringComparison.Ordinal));
    }

    [Fact]
    public void The_way_through_inlined_functions_belongs_to_the_message()
    {
        const string Source = "static inline __attribute__((always_inline)) void put(char *p)\n{\n\tp[9] = 1;\n}\nvoid use(char *);\nvoid f(void)\n{\n\tchar small[4];\n\tput(small);\n\tuse(small);\n}\n";
        var said = Parse("gcc", Source, "-O2", "-Wall");
        var warning = Assert.Single(said.Diagnostics);
        Assert.StartsWith("W", warning.Id, StringComparison.Ordinal);
        Assert.Equal(3, warning.Place.Line);
        Assert.Contains(warning.Notes!, n => n.Contains("inlined from 'f' at t.c:9:2", StringComparison.Ordinal));
        Assert.Empty(said.Rest);
    }

    [Fact]
    public void A_launchers_own_lines_are_kept_apart()
    {
        var said = CompilerOutput.Parse("distcc[12] (dcc_build_somewhere) Warning: failed to distribute\nt.c:3:6: warning: unused variable 'x' [-Wunused-variable]\n    3 | int x;\ndistcc[12] more\n", "/p");
        Assert.Equal(2, said.Rest.Count);
        Assert.Equal(["    3 | int x;"], Assert.Single(said.Diagnostics).Notes);
    }

    [Fact]
    public void Nothing_printed_is_lost()
    {
        const string Text = "something unheard of\nt.c:3: error: missing\n  and its reason\nt.c: In function 'f':\nIn file included from a.h:1,\n                 from t.c:2:\n";
        var said = CompilerOutput.Parse(Text, "/p");
        var all = string.Join('\n', said.Rest) + string.Join('\n', said.Diagnostics.SelectMany(d => (d.Notes ?? []).Append(d.Message)));
        foreach (var piece in new[] { "something unheard of", "missing", "and its reason", "a.h:1", "t.c:2" })
        {
            Assert.Contains(piece, all, StringComparison.Ordinal);
        }
    }

    private CompilerOutput Parse(string compiler, string source, params string[] options)
    {
        _folder.Write("t.c", source);
        var environment = CleanEnvironment.Create(("LC_ALL", "C"));
        var path = ProcessRunner.FindOnPath(compiler, environment["PATH"], "/") ?? throw new InvalidOperationException($"{compiler} is not installed; eng/test.sh installs it.");
        var call = new ProcessRequest(path, [.. options, "-c", "-o", "/dev/null", "t.c"], _folder.Path, environment);
        var result = ProcessRunner.RunAsync(call, new DiagnosticBag(), CancellationToken.None).GetAwaiter().GetResult();
        return CompilerOutput.Parse(result!.StandardError, _folder.Path, Path.Combine(_folder.Path, "t.c"));
    }
}
