using System.Globalization;
using Klp.Base;
using Klp.Guest;
using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

[MSBuildMultiThreadableTask]
public sealed partial class KlpRunTests : TestStage
{
    /// <summary>Seconds for the boot and what every patch is tested for, on an emulated processor of a busy machine.</summary>
    private const int UsualTimeout = 180;

    protected override void Run(DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        if (Read(diagnostics) is not { } read || Machine(read, diagnostics) is not { } request || Plan(request, diagnostics) is not { } plan)
        {
            return;
        }

        var folder = FullPath(ResultsDirectory.Length > 0 ? ResultsDirectory : "TestResults");
        var files = TestLoggers.TrxFiles(Loggers, folder, ProjectName, IsOneOfSeveral ? "_" + request.Release : "", request.Release, DateTimeOffset.Now, ProjectFile, diagnostics);
        if (plan.Cases.Count == 0)
        {
            Log.LogMessage(MessageImportance.High, "No test matches the given testcase filter `{0}` in {1}", Filter, request.ModuleFile);
            return;
        }

        Log.LogMessage(MessageImportance.High, "Test run for {0} (kernel {1})", request.ModuleFile, request.Release);
        var run = TestRun.RunAsync(request, plan, diagnostics, result => Show(result, request), cancellation).GetAwaiter().GetResult();
        if (run is null)
        {
            return;
        }

        var text = TrxReport.Write(run, request.ModuleFile, Computer, User);
        foreach (var file in files)
        {
            if (File.Exists(file))
            {
                Log.LogMessage(MessageImportance.High, "Overwriting results file: {0}", file);
            }

            if (SafeFile.Write(file, text, diagnostics))
            {
                Log.LogMessage(MessageImportance.High, "Results File: {0}", file);
            }
        }

        Show(run, request);
    }

    private TestRunRequest? Machine(TestRunRequest request, DiagnosticBag diagnostics)
    {
        var (memory, seconds) = (Number(Memory, "KlpGuestMemory", 512, diagnostics), Number(Timeout, "KlpGuestTimeout", UsualTimeout + 10 * request.Scripts.Count, diagnostics));
        var options = Words.Split(QemuOptions, "KlpQemuOptions", new SourcePlace(ProjectFile), diagnostics);
        return diagnostics.HasErrors ? null : request with
        {
            // The kernel helps tasks along after 15 seconds; a usual run waits twice as long for them.
            TransitionTimeout = TimeSpan.FromSeconds(Math.Clamp(seconds / 6, 1, 60)),
            ScriptTimeout = TimeSpan.FromSeconds(Math.Clamp(seconds / 3, 1, 3600)),
            Guest = request.Guest with
            {
                QemuPath = QemuPath.Length == 0 ? null : QemuPath.Contains('/') ? FullPath(QemuPath) : QemuPath,
                QemuOptions = options,
                Memory = memory,
                Timeout = TimeSpan.FromSeconds(seconds),
            },
        };
    }

    private int Number(string text, string property, int usual, DiagnosticBag diagnostics)
    {
        if (text.Length == 0)
        {
            return usual;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 1_000_000)
        {
            return number;
        }

        diagnostics.Error("KLP0046", ProjectFile, $"{property} is '{text}', which is no number above 0.", "Write digits alone.");
        return usual;
    }

    private void Show(TestResult result, TestRunRequest request)
    {
        var line = $"  {(result.Outcome == TestOutcome.NotExecuted ? "Skipped" : result.Outcome)} {result.Case.FullName} [{TestTime.Of(result.Duration)}]{(IsOneOfSeveral ? $" ({request.Release})" : "")}";
        if (result.Outcome == TestOutcome.Failed)
        {
            IReadOnlyList<string> notes = [.. Lines(result.Output), .. result.KernelLog.Count == 0 ? [] : result.KernelLog.Select(l => l.ToString()).Prepend("kernel log:")];
            Report(new Diagnostic(result.Code!, Severity.Error, new SourcePlace(result.Case.Script?.File ?? request.ModuleFile), $"{result.Case.FullName} failed on {request.Release}: {result.Message}", null, notes));
            return;
        }

        // The terminal logger shows these two kinds as they come; any other logger prints the text.
        var detail = result.Outcome == TestOutcome.NotExecuted ? result.Message : result.Case.Remark;
        Tell(result.Outcome == TestOutcome.Passed ? "TLTESTPASSED" : "TLTESTSKIPPED", detail is null ? line : $"{line}\n    {detail}",
            ("localizedResult", result.Outcome == TestOutcome.Passed ? "passed" : "skipped"), ("displayName", result.Case.FullName));
    }

    private void Show(TestRunResult run, TestRunRequest request)
    {
        string Count(int number) => number.ToString(CultureInfo.InvariantCulture);
        var summary = run.Summary;
        Tell("TLTESTFINISH", summary.ToLine(Path.GetFileName(request.ModuleFile), request.Release),
            ("total", Count(summary.Total)), ("passed", Count(summary.Passed)), ("skipped", Count(summary.NotExecuted)), ("failed", Count(summary.Failed)));
    }

    private void Tell(string kind, string text, params (string Name, string Value)[] metadata) =>
        BuildEngine.LogMessageEvent(TestEvent.Create(kind, text, metadata.ToDictionary(m => m.Name, m => (string?)m.Value)));

    private static IEnumerable<string> Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.TrimEnd('\r'));
}
