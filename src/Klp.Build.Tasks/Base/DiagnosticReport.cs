using Klp.Base;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace Klp.Build.Tasks;

/// <summary>Turns findings into MSBuild events: place, code and help link in their fields, so that editors, CI systems and the terminal logger understand them.</summary>
internal static class DiagnosticReport
{
    // The pages come with the SDK, so a link works without a network; the terminal logger makes the code clickable.
    private static readonly string Pages = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(DiagnosticReport).Assembly.Location)!, "../../docs/diagnostics"));

    /// <param name="projectDirectory">What a place's path is relative to: the compiler runs there and is given relative paths.</param>
    /// <param name="projectFile">The place of what has none: MSBuild would name the line of the SDK's own targets that called the task.</param>
    public static void Log(TaskLoggingHelper log, Diagnostic diagnostic, string projectDirectory, string projectFile)
    {
        var place = diagnostic.Place;
        var file = string.IsNullOrEmpty(place.File) ? projectFile : Path.GetFullPath(place.File, projectDirectory);
        var help = diagnostic.Id.StartsWith("KLP", StringComparison.Ordinal) ? "file://" + Path.Combine(Pages, diagnostic.Id + ".md") : null;
        var text = diagnostic.FullText();
        switch (diagnostic.Severity)
        {
            case Severity.Error:
                log.LogError(null, diagnostic.Id, null, help, file, place.Line, place.Column, 0, 0, "{0}", text);
                break;
            case Severity.Warning:
                log.LogWarning(null, diagnostic.Id, null, help, file, place.Line, place.Column, 0, 0, "{0}", text);
                break;
            default:
                log.LogMessage(null, diagnostic.Id, null, file, place.Line, place.Column, 0, 0, MessageImportance.Normal, "{0}", text);
                break;
        }
    }
}
