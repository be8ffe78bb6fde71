using Klp.Base;
using Xunit;

namespace Klp.Tests.Base;

public sealed class WordsTests
{
    [Theory]
    [InlineData("", new string[0])]
    [InlineData("  a  b\t c\n", new[] { "a", "b", "c" })]
    [InlineData("-DNAME='a b' \"c d\"e", new[] { "-DNAME=a b", "c de" })]
    [InlineData("a\\ b '\\' \"\\\"\"", new[] { "a b", "\\", "\"" })]
    [InlineData("'' \"\"", new[] { "", "" })]
    [InlineData("\"it's\" 'say \"x\"'", new[] { "it's", "say \"x\"" })]
    [InlineData("'open", new[] { "open" })]
    [InlineData("end\\", new[] { "end\\" })]
    public void Words_are_split_as_a_shell_would(string text, string[] words) => Assert.Equal(words, Words.Split(text));

    [Theory]
    [InlineData("-DX=\"a", "(\")", "Close it, or write \\\"")]
    [InlineData("-DX='a -O2", "(')", "Close it")]
    [InlineData("-DX=\"a'\" -DY=\\\"", null, null)]
    public void A_quote_that_is_not_closed_is_an_error(string text, string? message, string? cure)
    {
        var diagnostics = new DiagnosticBag();
        Words.Split(text, "KlpCompilerOptions", new SourcePlace("fix.klpproj"), diagnostics);
        Assert.Equal(message is null ? [] : ["KLP0029"], diagnostics.Select(d => d.Id));
        Assert.All(diagnostics, d => Assert.Contains(message!, d.Message, StringComparison.Ordinal));
        Assert.All(diagnostics, d => Assert.StartsWith(cure!, d.Cure, StringComparison.Ordinal));
    }
}
