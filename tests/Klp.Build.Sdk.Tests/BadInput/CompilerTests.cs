using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests.BadInput;

/// <summary>The compiler is missing, another one, or breaks: what the user is told, and that the old module stays.</summary>
public sealed class CompilerTests(BuiltPatch patch) : IClassFixture<BuiltPatch>
{
    [Theory]
    [InlineData("KlpCompilerPath", "no-such-compiler", "KLP0104", "KlpCompilerPath names the compiler no-such-compiler, which is not on the search path")]
    [InlineData("KlpCompilerPath", "./fix.c", "KLP0104", "which is not executable")]
    [InlineData("KlpCompilerPath", "gcc-99", "KLP0104", "sudo apt install gcc-99")]
    [InlineData("KlpLinkerPath", "/no/such/ld", "KLP0108", "which does not exist")]
    [InlineData("KlpCompilerLauncher", "no-such-launcher --fast", "KLP0117", "Correct or remove KlpCompilerLauncher")]
    [InlineData("KlpToolchain", "tcc", "KLP0029", "Gcc, Clang")]
    [InlineData("KlpMaxParallelism", "many", "KLP0029", "whole number from 1")]
    [InlineData("KlpCompilerOptions", "-DX='a", "KLP0029", "a quote (') is not closed")]
    public void A_wrong_property_is_named_in_the_project(string property, string value, string code, string words)
    {
        var error = Refusal.One(patch.Project, patch.Project.Build($"-p:{property}={value}"), code, property, words);
        Assert.Equal(patch.Project.ProjectFile, error.File);
        patch.AssertUntouched();
    }

    [Fact]
    public void A_compiler_of_another_family_is_refused_with_the_flags_that_would_be_lost()
    {
        var build = patch.Project.Build("-p:KlpToolchain=clang");
        var errors = Refusal.All(patch.Project, build);
        Refusal.Check(Assert.Single(errors, e => e.Code == "KLP0106"), build, "KLP0106", "built with gcc", "KlpToolchain");
        Refusal.Check(Assert.Single(errors, e => e.Code == "KLP0107"), build, "KLP0107", "leaves out flags", "RETPOLINE");
        patch.AssertUntouched();
    }

    [Theory]
    [InlineData("echo oops >&2; exit 1", "KLP0104", "oops")]
    [InlineData("case \"$*\" in *klp_template.c*) exit 0;; esac; exec gcc-12 \"$@\"", "KLP0104", "made no object")]
    [InlineData("case \"$*\" in *fix.c*) echo licence expired >&2; exit 3;; esac; exec gcc-12 \"$@\"", "KLP0114", "licence expired")]
    [InlineData("case \"$*\" in *fix.c*) kill -9 $$;; esac; exec gcc-12 \"$@\"", "KLP0114", "KlpMaxParallelism")]
    [InlineData("case \"$*\" in *fix.c*) exit 0;; esac; exec gcc-12 \"$@\"", "KLP0114", "made no object")]
    [InlineData("case \"$*\" in *fix.c*) gcc-12 \"$@\"; for f; do case $f in *.tmp) echo junk > \"$f\";; esac; done; exit 0;; esac; exec gcc-12 \"$@\"", "KLP0112", "objtool")]
    public void A_compiler_that_breaks_is_told_with_its_own_words(string script, string code, string words)
    {
        Refusal.One(patch.Project, patch.Project.Build("-p:KlpCompilerPath=" + patch.Script("cc", script)), code, words);
        patch.AssertUntouched();
    }
}
