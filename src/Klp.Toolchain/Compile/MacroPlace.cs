using System.Globalization;
using System.Text.RegularExpressions;
using Klp.Base;

namespace Klp.Toolchain;

/// <summary>
/// gcc blames the line of a header that defines a macro for what is wrong where the macro is used, where clang names the use. The user's line is the one to go to: it becomes the
/// message's place, and gcc's is its first note.
/// </summary>
internal static partial class MacroPlace
{
    /// <summary>The same messages; one in another file, through a macro that the source uses, has the place of that use.</summary>
    public static IEnumerable<Diagnostic> OfUse(IEnumerable<Diagnostic> said, string directory, string source) => said.Select(d => d.Place.File == source ? d : Moved(d, directory, source));

    private static Diagnostic Moved(Diagnostic diagnostic, string directory, string source)
    {
        // Notes of other messages' kinds ("previous definition of…") have expansions of their own; only those before them are this message's.
        var use = diagnostic.Notes?.Select(n => Note().Match(n)).Where(m => m.Success).TakeWhile(m => m.Groups["expansion"].Success).LastOrDefault();
        if (use is null || Path.GetFullPath(use.Groups["file"].Value, directory) != source)
        {
            return diagnostic;
        }

        static int Number(Group group) => int.Parse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
        return diagnostic with { Place = new SourcePlace(source, Number(use.Groups["line"]), Number(use.Groups["column"])), Notes = [$"{diagnostic.Place}: in the macro's own lines", .. diagnostic.Notes!] };
    }

    [GeneratedRegex(@"^(?<file>[^\s:][^:]*):(?<line>\d{1,9}):(?<column>\d{1,9}): note: (?<expansion>in (?:expansion|definition) of macro )?")]
    private static partial Regex Note();
}
