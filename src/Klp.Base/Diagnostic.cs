namespace Klp.Base;

/// <summary>
/// One finding, as data. Libraries return these and never print; MSBuild tasks and the <c>klp</c> tool show them.
/// </summary>
/// <param name="Id"><c>KLPnnnn</c> (docs/diagnostics has a page for each), or a compiler's option name such as <c>Wunused-variable</c>.</param>
/// <param name="Place">The user's own line where there is one, else the file that is wrong.</param>
/// <param name="Message">What is wrong and why, in the user's terms; one or more sentences.</param>
/// <param name="Cure">What to do about it, ready to follow; often a line to paste.</param>
/// <param name="Notes">Further lines: candidates, compiler notes, the place of the other claim.</param>
public sealed record Diagnostic(
    string Id, Severity Severity, SourcePlace Place, string Message, string? Cure = null, IReadOnlyList<string>? Notes = null)
{
    /// <summary>Message, cure and notes as one text, the way both front ends show it.</summary>
    public string FullText()
    {
        var text = Cure is null ? Message : Message + " " + Cure;
        return Notes is { Count: > 0 } ? text + "\n  " + string.Join("\n  ", Notes) : text;
    }

    /// <summary>The canonical form <c>file(line,col): error KLPnnnn: text</c> that editors and CI systems understand.</summary>
    public override string ToString()
    {
        var place = Place.ToString();
        var severity = Severity switch { Severity.Error => "error", Severity.Warning => "warning", _ => "info" };
        return (place.Length == 0 ? "" : place + ": ") + $"{severity} {Id}: {FullText()}";
    }
}
