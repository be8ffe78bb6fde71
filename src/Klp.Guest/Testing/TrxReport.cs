using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Klp.Guest;

/// <summary>Writes a test run as TRX, the form in which <c>dotnet test --logger trx</c> hands results to CI systems.</summary>
public static class TrxReport
{
    private const string NotInAList = "8c84fa94-04c1-424b-9868-57a2d4851a1d";
    private const string AllLoaded = "19431567-8539-422a-85d7-44ee4e166bda";
    private const string UnitTestType = "13cdc9d9-ddb5-4fa4-a97d-d965ccfc6d4b";

    // The report names the interface of the adapter that ran a test; readers show it, nothing depends on it.
    private const string Adapter = "executor://klpbuild/guest";

    private static readonly XNamespace _ns = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    /// <param name="file">The tested module.</param>
    /// <param name="computer">The host's name.</param>
    /// <param name="user">Whose run it is.</param>
    public static byte[] Write(TestRunResult run, string file, string computer, string user)
    {
        var executions = run.Results.Select(r => (Result: r, Test: IdOf(r.Case.FullName + "\0" + file), Execution: Guid.NewGuid())).ToArray();
        var summary = run.Summary;
        var root = new XElement(_ns + "TestRun",
            new XAttribute("id", Guid.NewGuid()),
            new XAttribute("name", string.Create(CultureInfo.InvariantCulture, $"{user}@{computer} {run.Started.ToLocalTime():yyyy-MM-dd HH:mm:ss}")),
            new XElement(_ns + "Times", Time("creation", run.Started), Time("queuing", run.Started), Time("start", run.Started), Time("finish", run.Started + run.Duration)),
            new XElement(_ns + "TestSettings", new XAttribute("name", "default"), new XAttribute("id", IdOf("settings")),
                new XElement(_ns + "Deployment", new XAttribute("runDeploymentRoot", string.Create(CultureInfo.InvariantCulture, $"{user}_{computer}_{run.Started.ToLocalTime():yyyy-MM-dd_HH_mm_ss}")))),
            new XElement(_ns + "Results", executions.Select(e => Result(e.Result, e.Test, e.Execution, computer))),
            new XElement(_ns + "TestDefinitions", executions.Select(e => Definition(e.Result.Case, e.Test, e.Execution, file))),
            new XElement(_ns + "TestEntries", executions.Select(e => new XElement(_ns + "TestEntry",
                new XAttribute("testId", e.Test), new XAttribute("executionId", e.Execution), new XAttribute("testListId", NotInAList)))),
            new XElement(_ns + "TestLists", List("Results Not in a List", NotInAList), List("All Loaded Results", AllLoaded)),
            new XElement(_ns + "ResultSummary", new XAttribute("outcome", summary.Failed > 0 ? "Failed" : "Completed"),
                Counters(summary), new XElement(_ns + "Output", new XElement(_ns + "StdOut", Clean($"{file}\nkernel {run.Release ?? "not booted"}{(run.Accelerated ? "" : ", emulated")}\n")))));
        using var stream = new MemoryStream();
        using (var writer = XmlWriter.Create(stream, new XmlWriterSettings { Indent = true, Encoding = new UTF8Encoding(false) }))
        {
            new XDocument(root).Save(writer);
        }

        return stream.ToArray();
    }

    private static XElement Result(TestResult result, Guid test, Guid execution, string computer)
    {
        var output = new XElement(_ns + "Output");
        if (result.Output.Length > 0)
        {
            output.Add(new XElement(_ns + "StdOut", Clean(result.Output)));
        }

        if (result.Message is not null)
        {
            output.Add(new XElement(_ns + "ErrorInfo", new XElement(_ns + "Message", Clean(result.Code is null ? result.Message : $"{result.Code}: {result.Message}")),
                result.KernelLog.Count == 0 ? null : new XElement(_ns + "StackTrace", Clean("kernel log:\n" + string.Join("\n", result.KernelLog)))));
        }

        return new XElement(_ns + "UnitTestResult",
            new XAttribute("executionId", execution), new XAttribute("testId", test), new XAttribute("testName", result.Case.FullName), new XAttribute("computerName", computer),
            new XAttribute("duration", result.Duration.ToString("c", CultureInfo.InvariantCulture)), Time("startTime", result.Started), Time("endTime", result.Started + result.Duration),
            new XAttribute("testType", UnitTestType), new XAttribute("outcome", result.Outcome), new XAttribute("testListId", NotInAList),
            new XAttribute("relativeResultsDirectory", execution), output.HasElements ? output : null);
    }

    private static XElement Definition(TestCase test, Guid id, Guid execution, string file) => new(_ns + "UnitTest",
        new XAttribute("name", test.FullName), new XAttribute("storage", file), new XAttribute("id", id),
        new XElement(_ns + "Execution", new XAttribute("id", execution)),
        new XElement(_ns + "TestMethod", new XAttribute("codeBase", file), new XAttribute("adapterTypeName", Adapter), new XAttribute("className", test.Class), new XAttribute("name", test.Name)));

    private static XElement Counters(TestSummary summary)
    {
        var counters = new XElement(_ns + "Counters", new XAttribute("total", summary.Total), new XAttribute("executed", summary.Passed + summary.Failed),
            new XAttribute("passed", summary.Passed), new XAttribute("failed", summary.Failed));
        foreach (var name in (string[])["error", "timeout", "aborted", "inconclusive", "passedButRunAborted", "notRunnable", "notExecuted", "disconnected", "warning", "completed", "inProgress", "pending"])
        {
            // Microsoft's own writer leaves notExecuted at 0 too and counts by total less executed; its readers go by that.
            counters.Add(new XAttribute(name, 0));
        }

        return counters;
    }

    private static XElement List(string name, string id) => new(_ns + "TestList", new XAttribute("name", name), new XAttribute("id", id));

    private static XAttribute Time(string name, DateTimeOffset time) => new(name, time.ToString("o", CultureInfo.InvariantCulture));

    /// <summary>The same test has the same id in every run, so that its history can be followed.</summary>
    private static Guid IdOf(string text) => new(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));

    // A guest prints what it likes; XML knows no control characters.
    private static string Clean(string text) => string.Concat(text.EnumerateRunes().Select(r => r.Value < ' ' && r.Value is not ('\t' or '\n' or '\r') || r.Value is 0xfffe or 0xffff ? "\ufffd" : r.ToString()));
}
