using System.Globalization;
using System.Text.RegularExpressions;
using Klp.Base;
using Klp.Elf;

namespace Klp.Toolchain;

/// <summary>objtool's warnings as diagnostics: <c>file: warning: objtool: function+0x12: text</c>, with the source line that the function's offset comes from.</summary>
internal static partial class ObjtoolOutput
{
    /// <summary>Adds a KLP0113 for each warning; lines that are none are notes of the one before.</summary>
    /// <param name="lines">What objtool printed.</param>
    /// <param name="objectFile">The object it worked on.</param>
    /// <param name="source">What the object was made of; null for a merged module.</param>
    /// <param name="projectDirectory">Names in debug data are relative to this folder.</param>
    /// <param name="diagnostics">Gets the warnings.</param>
    public static void Report(IReadOnlyList<string> lines, string objectFile, string? source, string? projectDirectory, DiagnosticBag diagnostics)
    {
        if (lines.Count == 0)
        {
            return;
        }

        var file = File.Exists(objectFile) ? ElfFile.Read(File.ReadAllBytes(objectFile), objectFile, new DiagnosticBag()) : null;
        List<string> notes = [];
        Diagnostic? current = null;
        void Flush()
        {
            if (current is not null)
            {
                diagnostics.Add(current with { Notes = notes.Count > 0 ? notes : null });
            }
        }

        foreach (var line in lines)
        {
            if (Warning().Match(line) is { Success: true } match)
            {
                Flush();
                notes = [];
                var text = match.Groups["text"].Value;
                var place = file is null ? null : PlaceOf(text, file, projectDirectory);
                current = new Diagnostic("KLP0113", Severity.Warning, place ?? new SourcePlace(source), "objtool: " + text);
            }
            else if (current is null)
            {
                diagnostics.Information("KLP0113", new SourcePlace(source), line);
            }
            else
            {
                notes.Add(line);
            }
        }

        Flush();
    }

    /// <summary>The line of <c>function+0x12</c> or <c>.text+0x12</c> or <c>function()</c>; null where the object does not tell.</summary>
    internal static SourcePlace? PlaceOf(string text, ElfFile file, string? projectDirectory)
    {
        if (Target().Match(text) is not { Success: true } match)
        {
            return null;
        }

        var name = match.Groups["name"].Value;
        var offset = match.Groups["offset"] is { Success: true } digits && ulong.TryParse(digits.ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value) ? value : 0;
        var symbol = file.Symbols.FirstOrDefault(s => s.Name == name && s.IsInSection && s.Type == SymbolType.Function);
        var section = symbol?.SectionIndex ?? file.IndexOf(name);
        if (section <= 0)
        {
            return null;
        }

        var place = LineTable.Read(file).Find(section, (symbol?.Value ?? 0) + offset);
        return place is { File: { } path } found && projectDirectory is not null ? found with { File = Path.GetFullPath(path, projectDirectory) } : place;
    }

    [GeneratedRegex(@"^(?:.*?: )?(?:warning|error): objtool: (?<text>.*)$")]
    private static partial Regex Warning();

    [GeneratedRegex(@"^(?<name>[\w.$]+)(?:\(\))?(?:\+0x(?<offset>[0-9a-f]+))?[: ]")]
    private static partial Regex Target();
}
