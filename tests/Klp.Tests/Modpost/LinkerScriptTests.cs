using Klp.Base;
using Klp.Modpost;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Modpost;

/// <summary>The subset of linker scripts that kernels write into module.lds.</summary>
public sealed class LinkerScriptTests
{
    [Fact]
    public void Every_kernels_script_is_understood()
    {
        foreach (var kernel in Kernels.Bootable.Concat(Kernels.Foreign))
        {
            var diagnostics = new DiagnosticBag();
            var file = new[] { "scripts/module.lds", $"arch/{kernel.Architecture!.SourceName}/module.lds" }.Select(f => Path.Combine(kernel.BuildDirectory, f)).First(File.Exists);
            var script = LinkerScript.Parse(File.ReadAllText(file), diagnostics);
            Assert.True(script is not null, diagnostics.ToString());
            Assert.Contains(script.Rules, r => r.IsDiscard);
            Assert.Contains(script.Rules, r => r is { Name: "__bug_table", Alignment: 8 });

            // The machine's own list, behind the common one.
            Assert.Equal(kernel.Architecture.Name == "arm64", script.Rules.Any(r => r.Name == ".init.plt"));
            Assert.Equal(kernel.Architecture.Name == "ppc64le", script.Rules.Any(r => r is { Name: ".toc", Alignment: 256 }));
        }
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("SECTIONS {\n .a : { *(.a) }\n", 3)]
    [InlineData("SECTIONS {\n .a : { foo.o(.a) }\n}", 2)]
    [InlineData("SECTIONS {\n .a : { *(EXCLUDE_FILE(x) .a) }\n}", 2)]
    [InlineData("SECTIONS {\n .a : { x = SIZEOF(.b); }\n}", 2)]
    [InlineData("SECTIONS {\n .a : { BYTE(-1) }\n}", 2)]
    [InlineData("SECTIONS { } OVERLAY", 1)]
    [InlineData("SECTIONS {\n\n PROVIDE(x = 1); }", 3)]
    [InlineData("SECTIONS { /* never closed", 1)]
    public void Anything_else_is_an_error_with_its_line(string text, int line)
    {
        var diagnostics = new DiagnosticBag();
        Assert.Null(LinkerScript.Parse(text, diagnostics));
        var said = Assert.Single(diagnostics);
        Assert.Equal(("KLP0580", line), (said.Id, said.Place.Line));
    }

    [Theory]
    [InlineData("___ksymtab+*", "___ksymtab+printk", true)]
    [InlineData("___ksymtab+*", "___ksymtab_gpl+printk", false)]
    [InlineData(".text.[0-9a-zA-Z_]*", ".text.unlikely", true)]
    [InlineData(".text.[0-9a-zA-Z_]*", ".text..x", false)]
    [InlineData(".data..L*", ".data..Lx", true)]
    [InlineData("*.a*b", "x.a.ab.b", true)]
    [InlineData("*.a*b", "x.a.ab.c", false)]
    [InlineData("?", "", false)]
    [InlineData("[!a]", "b", true)]
    [InlineData("[!a]", "a", false)]
    [InlineData("[", "[", true)]
    [InlineData("", "", true)]
    public void Globs_match_as_in_the_shell(string glob, string name, bool matches) => Assert.Equal(matches, SectionGlob.Matches(glob, name));
}
