using Klp.Base;
using Microsoft.Build.Logging.StructuredLogger;

namespace Klp.TestKit;

/// <summary>One finished <c>dotnet</c> command: its exit code and text, and from the binary log what really ran.</summary>
public sealed class SdkBuild
{
    private readonly Microsoft.Build.Logging.StructuredLogger.Build? _log;

    public SdkBuild(ProcessResult result, string? logFile)
    {
        Result = result;
        _log = logFile is null ? null : BinaryLog.ReadBuild(logFile);
    }

    public ProcessResult Result { get; }

    public int ExitCode => Result.ExitCode;

    public string Output => Result.StandardOutput + Result.StandardError;

    /// <summary>Fails the test with the build's text where it did not succeed.</summary>
    public SdkBuild Succeeded() => ExitCode == 0 ? this : throw new InvalidOperationException($"The build failed:\n{Output}");

    /// <summary>Fails the test where the build did not fail with this code.</summary>
    public SdkBuild FailedWith(string code) =>
        ExitCode != 0 && Errors.Any(e => e.Code == code) ? this : throw new InvalidOperationException($"The build did not fail with {code}:\n{Output}");

    public IReadOnlyList<AbstractDiagnostic> Errors => [.. All<Error>()];

    public IReadOnlyList<AbstractDiagnostic> Warnings => [.. All<Warning>()];

    /// <summary>Names of the targets that ran and were not skipped.</summary>
    public IReadOnlySet<string> Targets => All<Target>().Where(t => !t.Skipped).Select(t => t.Name).ToHashSet();

    /// <summary>Names of the tasks that ran.</summary>
    public IReadOnlyList<string> Tasks => [.. All<Microsoft.Build.Logging.StructuredLogger.Task>().Select(t => t.Name)];

    /// <summary>Texts of all messages, also those that no console shows.</summary>
    public IReadOnlyList<string> Messages => [.. All<Message>().Select(m => m.Text)];

    private IEnumerable<T> All<T>() where T : BaseNode => _log?.FindChildrenRecursive<T>() ?? throw new InvalidOperationException($"There is no log:\n{Output}");
}
