using Klp.Base;
using Klp.Guest;
using Xunit;
using static Klp.Tests.Guest.TestRequests;

namespace Klp.Tests.Guest;

public class TestFilterTests
{
    private static string[] Selected(string filter)
    {
        var diagnostics = new DiagnosticBag();
        var selected = TestFilter.Parse(filter, "6.1.0-56-amd64", "fix.klpproj", diagnostics);
        Assert.Empty(diagnostics);
        return [.. TestPlan.CasesOf(Of("fix", Script("a-b", TestPhase.Before), Script("c", TestPhase.Loaded))).Where(selected!).Select(c => c.FullName)];
    }

    [Theory]
    [InlineData("", "fix.Before.a-b fix.Loads fix.Patches fix.Loaded.c fix.Reverts fix.Unloads")]
    [InlineData("load", "fix.Loads fix.Loaded.c fix.Unloads")]
    [InlineData("FullyQualifiedName=fix.loads", "fix.Loads")]
    [InlineData("Name=c | Name=a-b", "fix.Before.a-b fix.Loaded.c")]
    [InlineData("Phase!=Loaded&ClassName!=fix", "fix.Before.a-b")]
    [InlineData("TestCategory=Before", "fix.Before.a-b")]
    [InlineData("(Name~oads|Name~verts)&Name!~Un", "fix.Loads fix.Reverts")]
    [InlineData("Kernel~6.1&Name=Loads", "fix.Loads")]
    [InlineData("Kernel=6.12", "")]
    [InlineData("Owner=me", "")]
    [InlineData(@"DisplayName~Loaded\.c", "fix.Loaded.c")]
    public void A_filter_selects_as_with_any_project(string filter, string names) => Assert.Equal(names.Split(' ', StringSplitOptions.RemoveEmptyEntries), Selected(filter));

    [Theory]
    [InlineData("(Name~a")]
    [InlineData("Name~a)")]
    [InlineData("Name=")]
    [InlineData("=a")]
    [InlineData("Name!a")]
    [InlineData("a&")]
    [InlineData("a&&b")]
    [InlineData("|")]
    public void A_filter_that_is_none_is_an_error(string filter)
    {
        var diagnostics = new DiagnosticBag();
        Assert.Null(TestFilter.Parse(filter, "6.1", "fix.klpproj", diagnostics));
        Assert.Equal("KLP0042", Assert.Single(diagnostics).Id);
    }

    [Fact]
    public void Parentheses_without_end_do_not_end_the_program()
    {
        var diagnostics = new DiagnosticBag();
        Assert.Null(TestFilter.Parse(new string('(', 1_000_000), "6.1", "fix.klpproj", diagnostics));
        Assert.Single(diagnostics);
    }
}
