using System.Text.RegularExpressions;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.House;

/// <summary>Every code that can be shown has a page that explains it and a test that knows it, and every page a code that shows it.</summary>
public sealed partial class DiagnosticPageTests
{
    [Fact]
    public void Every_code_has_a_page_and_every_page_a_code()
    {
        var used = Codes("src", "sdk", "eng");
        var pages = Directory.EnumerateFiles(Repository.Combine("docs", "diagnostics"), "KLP*.md").Select(f => Path.GetFileNameWithoutExtension(f)).ToHashSet();
        Assert.Empty(used.Except(pages).Order().Select(c => c + " has no page"));
        Assert.Empty(pages.Except(used).Order().Select(c => c + " is explained but never shown"));
    }

    [Fact]
    public void Every_code_is_named_by_a_test() => Assert.Empty(Codes("src", "sdk", "eng").Except(Codes("tests")).Order().Select(c => c + " is in no test"));

    [Fact]
    public void Every_page_says_what_it_means_and_what_to_do()
    {
        foreach (var page in Directory.EnumerateFiles(Repository.Combine("docs", "diagnostics"), "KLP*.md"))
        {
            var text = File.ReadAllText(page);
            Assert.StartsWith($"# {Path.GetFileNameWithoutExtension(page)}: ", text, StringComparison.Ordinal);
            Assert.True(text.Length > 200, $"{page} is too short to help anybody");
        }
    }

    private static HashSet<string> Codes(params IEnumerable<string> folders) =>
        folders.SelectMany(f => SourceFiles(Repository.Combine(f))).SelectMany(f => Code().Matches(File.ReadAllText(f)).Select(m => m.Value)).ToHashSet();

    private static IEnumerable<string> SourceFiles(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal) && !f.Contains("/local/", StringComparison.Ordinal))
            .Where(f => Path.GetExtension(f) is ".cs" or ".targets" or ".props" or ".sh" or ".h" or ".c");

    [GeneratedRegex(@"KLP\d{4}\b")]
    private static partial Regex Code();
}
