using System.Text.RegularExpressions;
using Klp.Base;

namespace Klp.Toolchain;

/// <summary>
/// What a compiler says of a macro of <c>&lt;klp/patch.h&gt;</c> with a wrong argument speaks of its insides; where the user's line shows which mistake it is, the message gets the cure.
/// </summary>
internal static partial class MacroMisuse
{
    /// <summary>The same messages; the first error at each such line has its cure.</summary>
    public static IEnumerable<Diagnostic> Add(IEnumerable<Diagnostic> said)
    {
        var told = new HashSet<int>();
        return OneModuleLine([.. said]).Select(d => d.Severity == Severity.Error && d.Cure is null && Cure(d) is { } cure && told.Add(d.Place.Line) ? d with { Cure = $"({cure})" } : d);
    }

    // The second line of a file defines again what the first one has defined, name by name; all that is one mistake, the one the merge finds where the lines are in two files.
    private static IEnumerable<Diagnostic> OneModuleLine(Diagnostic[] said)
    {
        var second = said.Where(IsSecondModuleLine).Select(d => d.Place).ToHashSet();
        foreach (var diagnostic in said)
        {
            if (diagnostic.Severity != Severity.Error || !second.Contains(diagnostic.Place))
            {
                yield return diagnostic;
            }
            else if (IsSecondModuleLine(diagnostic))
            {
                yield return new Diagnostic("KLP0542", Severity.Error, diagnostic.Place, "The module has more than one KLP_MODULE line.", "Leave one of them.");
            }
        }
    }

    // Both lines are quoted; a variable of the author's own that has the macro's name is another mistake.
    private static bool IsSecondModuleLine(Diagnostic diagnostic) =>
        diagnostic is { Severity: Severity.Error, Message: "redefinition of 'klp_patch'", Notes: { } notes } && notes.Count(n => ModuleLine().IsMatch(n)) > 1;

    private static string? Cure(Diagnostic diagnostic) => diagnostic.Notes?.Select(n => Quoted().Match(n)).FirstOrDefault(m => m.Success) is { } line ? Cure(line.Groups[1].Value) : null;

    private static string? Cure(string line)
    {
        if (Dotted().Match(line) is { Success: true } dotted)
        {
            var (position, number) = dotted.Groups["pos"].Success ? ("_POS", " position,") : ("", "");
            var name = dotted.Groups["name"].Value;
            return $"A name with a dot is no C name: write KLP_FUNC_NAMED{position}({dotted.Groups["object"].Value}, \"{name}\",{number} {name[..name.IndexOf('.', StringComparison.Ordinal)]}, …).";
        }

        return QuotedObject().IsMatch(line) ? "The object is written without quotes: vmlinux, or the name of a module."
            : QuotedName().IsMatch(line) ? "The function's name is written without quotes; only KLP_FUNC_NAMED has them."
            : Dashed().IsMatch(line) ? "Write the module's name with '_' in place of '-'."
            : Preceded().IsMatch(line) ? "Nothing stands before the macro: it writes static itself, and what belongs to the type goes into its return type."
            : null;
    }

    /// <summary>The line of the source as gcc and clang quote it.</summary>
    [GeneratedRegex(@"^(?:\s*\d+ \|)?\s*((?:\w+\s+)*KLP_(?:FUNC|PRE_|POST_).*)$")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^(?:\s*\d+ \|)?\s*KLP_MODULE\s*\(")]
    private static partial Regex ModuleLine();

    [GeneratedRegex(@"^KLP_FUNC(?<pos>_POS)?\s*\(\s*(?<object>[\w-]+)\s*,\s*(?<name>[A-Za-z_]\w*\.[\w.]+)")]
    private static partial Regex Dotted();

    [GeneratedRegex(@"^KLP_\w+\s*\(\s*""")]
    private static partial Regex QuotedObject();

    [GeneratedRegex(@"^KLP_FUNC(?:_POS)?\s*\(\s*[\w-]+\s*,\s*""")]
    private static partial Regex QuotedName();

    [GeneratedRegex(@"^KLP_(?:PRE|POST)_(?:UN)?PATCH\s*\(\s*\w+-")]
    private static partial Regex Dashed();

    [GeneratedRegex(@"^\w+\s+(?:\w+\s+)*KLP_")]
    private static partial Regex Preceded();
}
