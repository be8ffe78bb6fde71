namespace Klp.Store;

/// <summary>One name of a <c>Depends</c> line.</summary>
/// <param name="Name">Without an architecture qualifier.</param>
/// <param name="ExactVersion">The version of an <c>(= …)</c>; null where any will do, or any newer one.</param>
public sealed record Dependency(string Name, string? ExactVersion)
{
    /// <summary>The words of a <c>Depends</c> line: each a list of alternatives.</summary>
    public static IReadOnlyList<IReadOnlyList<Dependency>> Parse(string line) =>
        [.. line.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(word =>
            (IReadOnlyList<Dependency>)[.. word.Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(One)])];

    private static Dependency One(string word)
    {
        var open = word.IndexOf('(', StringComparison.Ordinal);
        var name = (open < 0 ? word : word[..open]).Trim();
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        var condition = open < 0 ? "" : word[(open + 1)..].TrimEnd(')', ' ');
        var exact = condition.StartsWith("= ", StringComparison.Ordinal) ? condition[2..].Trim() : null;
        return new Dependency(colon < 0 ? name : name[..colon], exact);
    }
}
