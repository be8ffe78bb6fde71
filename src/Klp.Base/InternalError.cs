namespace Klp.Base;

/// <summary>KLP0900: an exception nobody expected, told as what it is, a mistake of ours, with what a report needs.</summary>
public static class InternalError
{
    /// <param name="stage">Who stopped: a task, or the tool.</param>
    public static Diagnostic From(Exception exception, string stage) => new(
        "KLP0900", Severity.Error, new SourcePlace(null),
        $"{stage} stopped at a mistake of its own: {exception.GetType().Name}: {exception.Message}",
        "Please report this with the lines below; no output was written.",
        [.. exception.ToString().Split('\n').Select(l => l.TrimEnd())]);
}
