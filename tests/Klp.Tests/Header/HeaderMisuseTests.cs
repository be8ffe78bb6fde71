using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Header;

/// <summary>What the compiler says to an author who uses the header wrongly.</summary>
public sealed class HeaderMisuseTests
{
    private static readonly string LongName = new('a', 56);

    public static TheoryData<string, string> Mistakes => new()
    {
        { "KLP_FUNC(, foo, int, void) { return 0; }", "the patched object is missing" },
        { "KLP_FUNC(vmlinux, , int, void) { return 0; }", "the name of the replaced function is missing" },
        { $"KLP_FUNC({LongName}, foo, int, void) {{ return 0; }}", "longer than the name of a module can be" },
        { $"KLP_FUNC_NAMED(vmlinux, \"{new string('b', 512)}\", foo, int, void) {{ return 0; }}", "longer than KSYM_NAME_LEN of this kernel allows" },
        { "KLP_FUNC_POS(vmlinux, foo, -1, int, void) { return 0; }", "a position counts from 1" },
        { $"KLP_PRE_PATCH({LongName}, object) {{ return 0; }}", "longer than the name of a module can be" },
        { "KLP_FUNC(vmlinux, foo, int, void) { return 0; }\nKLP_FUNC(vmlinux, foo, int, void) { return 0; }", "redefinition of 'livepatch_foo'" },
        { "KLP_MODULE(\"GPL\");\nKLP_MODULE(\"GPL\");", "redefinition of 'klp_patch'" },
        { "KLP_MODULE();", "KLP_MODULE needs a licence, in quotes" },
        { "KLP_MODULE(GPL);", "GPL" },
        { "int n;\nKLP_FUNC_POS(vmlinux, foo, n, int, void) { return 0; }", "constant" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_an_error_that_says_what_is_wrong(string source, string expected)
    {
        foreach (var compiler in new[] { "gcc", "clang" })
        {
            var (exitCode, text) = Compile(compiler, source);
            Assert.NotEqual(0, exitCode);
            Assert.Contains(expected, text.Replace('‘', '\'').Replace('’', '\''), StringComparison.Ordinal);
            Assert.Contains("input.c:", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Names_of_the_longest_length_are_taken()
    {
        foreach (var compiler in new[] { "gcc", "clang" })
        {
            var (exitCode, text) = Compile(compiler, $"KLP_FUNC_NAMED({LongName[1..]}, \"{new string('b', 511)}\", foo, int, void) {{ return 0; }}\nKLP_MODULE(\"GPL\");");
            Assert.True(exitCode == 0, text);
        }
    }

    [Fact]
    public void A_kernel_without_livepatching_is_named_as_the_reason()
    {
        var (exitCode, text) = Compile("gcc", "KLP_MODULE(\"GPL\");", hasLivepatch: false);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("configured without CONFIG_LIVEPATCH", text, StringComparison.Ordinal);
    }

    private static (int ExitCode, string Text) Compile(string compiler, string source, bool hasLivepatch = true)
    {
        using var folder = new TemporaryFolder();
        var words = StubKernel.Install(folder, hasLivepatch);
        var input = folder.Write("input.c", "#include <klp/patch.h>\n" + source);
        var result = CCompiler.TryRun(compiler, folder.Path, [.. words, "-Wall", "-Wextra", "-c", input, "-o", Path.Combine(folder.Path, "output.o")]);
        return (result.ExitCode, result.StandardError);
    }
}
