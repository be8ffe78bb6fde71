using System.Xml.Linq;
using Klp.Guest;
using Klp.TestKit;
using Xunit;
using static Klp.Tests.Guest.TestRequests;

namespace Klp.Tests.Guest;

public class TrxReportTests
{
    private static readonly XNamespace Ns = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    private static TestRunResult Run()
    {
        var cases = TestPlan.CasesOf(Of("fix", Script("c", TestPhase.Loaded)));
        var started = new DateTimeOffset(2026, 11, 21, 3, 0, 0, TimeSpan.Zero);
        TestResult Result(TestCase test, int i) => i switch
        {
            0 => new(test, TestOutcome.Passed, null, "", []),
            1 => new(test, TestOutcome.Failed, "It went wrong.", "said \u0001 <it>\n", KernelLogLine.ParseAll("<4>[    1.5] WARNING: x")) { Code = "KLP0820" },
            2 => new(test, TestOutcome.NotExecuted, "It was not reached.", "", []),
            _ => new(test, TestOutcome.Passed, null, "fine\n", []),
        };
        return new TestRunResult([.. cases.Select((c, i) => Result(c, i) with { Started = started, Duration = TimeSpan.FromSeconds(1.5) })], "6.1.0", false, started, TimeSpan.FromSeconds(20));
    }

    private static XElement Written() => XDocument.Parse(System.Text.Encoding.UTF8.GetString(TrxReport.Write(Run(), "/bin/fix.ko", "host", "me"))).Root!;

    [Fact]
    public void Every_result_has_its_test_and_its_entry_and_the_numbers_agree()
    {
        var root = Written();
        var results = root.Descendants(Ns + "UnitTestResult").ToArray();

        string[] Ids(IEnumerable<XElement> elements, string attribute) => [.. elements.Select(e => e.Attribute(attribute)!.Value)];
        Assert.Equal(5, results.Length);
        Assert.Equal(5, Ids(results, "testId").Distinct().Count());
        Assert.Equal(Ids(results, "testId"), Ids(root.Descendants(Ns + "UnitTest"), "id"));
        Assert.Equal(Ids(results, "testId"), Ids(root.Descendants(Ns + "TestEntry"), "testId"));
        Assert.Equal(Ids(results, "executionId"), Ids(root.Descendants(Ns + "Execution"), "id"));
        Assert.Equal(["Passed", "Failed", "NotExecuted", "Passed", "Passed"], Ids(results, "outcome"));
        var counters = root.Descendants(Ns + "Counters").Single();
        Assert.Equal(("5", "4", "3", "1"), (counters.Attribute("total")!.Value, counters.Attribute("executed")!.Value, counters.Attribute("passed")!.Value, counters.Attribute("failed")!.Value));
        Assert.Equal("Failed", counters.Parent!.Attribute("outcome")!.Value);
        Assert.Contains("KLP0820: It went wrong.", results[1].Descendants(Ns + "Message").Single().Value, StringComparison.Ordinal);
        Assert.Equal("said \ufffd <it>\n", results[1].Descendants(Ns + "StdOut").Single().Value);
        Assert.Contains("WARNING: x", results[1].Descendants(Ns + "StackTrace").Single().Value, StringComparison.Ordinal);
        Assert.Equal("2026-11-21T03:00:01.5000000+00:00", results[0].Attribute("endTime")!.Value);
    }

    [Fact]
    public void A_test_keeps_its_id_from_run_to_run()
    {
        string[] Ids(string attribute) => [.. Written().Descendants(Ns + "UnitTestResult").Select(r => r.Attribute(attribute)!.Value)];

        Assert.Equal(Ids("testId"), Ids("testId"));
        Assert.NotEqual(Ids("executionId"), Ids("executionId"));
    }

    /// <summary>The other side: a report as Microsoft's own logger writes it, of a test project's run (Microsoft.NET.Test.Sdk 18.11), cut to one passed and one failed test.</summary>
    [Fact]
    public void It_has_the_elements_and_attributes_that_the_real_logger_writes()
    {
        var theirs = Shape(XDocument.Load(Repository.Combine("tests", "Klp.Tests", "Guest", "real.trx")).Root!);
        var ours = Shape(Written());

        Assert.Equal([], theirs.Except(ours).Order());
        Assert.Equal([], ours.Except(theirs).Order());
    }

    /// <summary>Paths of elements, with their attributes; in the order of the first of each.</summary>
    private static HashSet<string> Shape(XElement element, string path = "")
    {
        var here = $"{path}/{element.Name.LocalName}";
        Assert.Equal(Ns, element.Name.Namespace);
        return [here, .. element.Attributes().Where(a => !a.IsNamespaceDeclaration).Select(a => $"{here}@{a.Name.LocalName}"), .. element.Elements().SelectMany(e => Shape(e, here))];
    }
}
