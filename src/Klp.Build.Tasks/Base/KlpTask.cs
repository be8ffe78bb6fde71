using Klp.Base;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace Klp.Build.Tasks;

/// <summary>
/// What every stage's task has in common: where the project is, cancellation, findings as MSBuild events. A task holds no logic; it reads its
/// parameters, calls the room, and reports.
/// </summary>
/// <remarks>
/// Tasks run in parallel in one process: no current directory, no process environment, no mutable statics. So the project's folder and
/// the search path are parameters, and every path becomes absolute through <see cref="FullPath"/>.
/// </remarks>
public abstract class KlpTask : Microsoft.Build.Utilities.Task, ICancelableTask
{
    private static readonly TimeSpan CancelComes = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _cancellation = new();

    /// <summary><c>$(MSBuildProjectDirectory)</c>: what relative paths are relative to.</summary>
    [Required]
    public string ProjectDirectory { get; set; } = "";

    /// <summary><c>$(MSBuildProjectFullPath)</c>: the place of messages about the project's properties, and of all that have no place of their own.</summary>
    [Required]
    public string ProjectFile { get; set; } = "";

    /// <summary>What <see cref="Cancel"/> cancels.</summary>
    private protected CancellationToken Cancellation => _cancellation.Token;

    /// <summary>Stops the stage; the compilers it started are killed before it returns.</summary>
    public void Cancel() => _cancellation.Cancel();

    public sealed override bool Execute()
    {
        var diagnostics = new DiagnosticBag();
        try
        {
            Run(diagnostics, _cancellation.Token);
        }
        catch (OperationCanceledException)
        {
            // MSBuild says that it cancels; nothing is to be added. It ends what waits before it cancels, and would miss an error (MSB4181) of a task that ends between the two.
            _cancellation.Token.WaitHandle.WaitOne(CancelComes);
            Report(diagnostics);
            return false;
        }
#pragma warning disable CA1031 // The one place where everything is caught: a task that throws gives the user a stack trace and no way on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            diagnostics.Add(InternalError.From(e, GetType().Name));
        }

        Report(diagnostics);
        return !diagnostics.HasErrors && !Log.HasLoggedErrors;
    }

    /// <summary>The stage. Findings go to <paramref name="diagnostics"/>; an error there fails the target.</summary>
    protected abstract void Run(DiagnosticBag diagnostics, CancellationToken cancellation);

    /// <summary>Absolute form of a path of the project; empty stays empty.</summary>
    protected string FullPath(string path) => path.Length == 0 ? "" : Path.GetFullPath(path, ProjectDirectory);

    /// <summary>As <see cref="FullPath"/>, with null for an empty path.</summary>
    protected string? OptionalPath(string path) => path.Length == 0 ? null : FullPath(path);

    /// <summary>What is left to say here, after a task of an inner build has left its warnings to the outer one.</summary>
    private protected virtual IEnumerable<Diagnostic> LeaveToOuterBuild(DiagnosticBag diagnostics) => diagnostics;

    /// <summary>Reports a finding at once, for a stage that takes long; all others are reported when it ends.</summary>
    private protected void Report(Diagnostic diagnostic) => DiagnosticReport.Log(Log, diagnostic, ProjectDirectory, ProjectFile);

    private void Report(DiagnosticBag diagnostics)
    {
        foreach (var diagnostic in LeaveToOuterBuild(diagnostics))
        {
            Report(diagnostic);
        }
    }
}
