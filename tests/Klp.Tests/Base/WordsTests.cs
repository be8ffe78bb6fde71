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
}
