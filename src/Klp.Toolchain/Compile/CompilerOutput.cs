using System.Globalization;
using System.Text.RegularExpressions;
using Klp.Base;

namespace Klp.Toolchain;

/// <summary>
/// Turns what gcc, clang and the assembler print (text, LC_ALL=C) into diagnostics. The option that controls a message is its code; one without is KLP0100.
/// </summary>
/// <remarks>Text and not JSON or SARIF: it is the one form that gcc 5 to 15 and all clangs share. Nothing printed is lost: what belongs to no message comes back as rest.</remarks>
public sealed partial class CompilerOutput
{
    /// <summary>What the assembler calls the compiler's output that comes to it through a pipe.</summary>
    private const string Pipe = "{standard input}";

    private readonly string _directory;
    private readonly string? _source;
    private readonly HashSet<Diagnostic> _fromPipe = new(ReferenceEqualityComparer.Instance);
    private readonly List<Diagnostic> _diagnostics = [];
    private readonly List<string> _rest = [];
    private readonly List<string> _includedFrom = [];
    private string? _context;
    private List<string>? _notes;

    private CompilerOutput(string directory, string? source) => (_directory, _source) = (directory, source);

    /// <summary>The messages, in the order they were printed.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics => _diagnostics;

    /// <summary>Lines that belong to no message, a launcher's for example.</summary>
    public IReadOnlyList<string> Rest => _rest;

    /// <summary>Parses one compiler's standard error.</summary>
    /// <param name="text">What was printed.</param>
    /// <param name="directory">The folder the compiler ran in; relative names are made absolute with it.</param>
    /// <param name="source">The source that was compiled: the place of what the assembler finds in lines that come from no line of a file.</param>
    public static CompilerOutput Parse(string text, string directory, string? source = null)
    {
        var output = new CompilerOutput(directory, source);
        foreach (var line in text.Split('\n'))
        {
            if (line.Length > 0)
            {
                output.Take(line.TrimEnd('\r'));
            }
        }

        output._rest.AddRange(output._includedFrom);

        // The compiler died, and the assembler at the other end of its pipe complains of half a file.
        if (output._diagnostics.Any(d => d.Severity == Severity.Error && !output._fromPipe.Contains(d)))
        {
            output._diagnostics.RemoveAll(output._fromPipe.Contains);
        }

        return output;
    }

    private void Take(string line)
    {
        if (IsNoise(line))
        {
            return;
        }

        if (FromLauncher().IsMatch(line))
        {
            _rest.Add(line);
        }
        else if (IncludedFrom().IsMatch(line))
        {
            _includedFrom.Add(line.Trim());
        }
        else if (Located().Match(line) is { Success: true } located)
        {
            Message(located.Groups["file"].Value, Number(located.Groups["line"]), Number(located.Groups["column"]), located.Groups["kind"].Value, located.Groups["text"].Value, line);
        }
        else if (Unlocated().Match(line) is { Success: true } unlocated)
        {
            Message(null, 0, 0, unlocated.Groups["kind"].Value, $"{unlocated.Groups["tool"].Value}: {unlocated.Groups["text"].Value}", line);
        }
        else if (Context().Match(line) is { Success: true } context)
        {
            // A note of the message before may follow as well as a new message.
            _context = context.Groups["where"].Value;
        }
        else if (_notes is not null)
        {
            _notes.Add(line);
        }
        else
        {
            _rest.Add(line);
        }
    }

    private void Message(string? file, int line, int column, string kind, string text, string whole)
    {
        kind = kind.ToLowerInvariant();
        if (kind is "note" or "remark" or "info" && _notes is not null)
        {
            _notes.AddRange(_includedFrom);
            _includedFrom.Clear();
            _notes.Add(whole);
            return;
        }

        var code = "KLP0100";
        if (Option().Match(text) is { Success: true } option)
        {
            code = Code(option.Groups["option"].Value);
            text = text[..option.Index];
        }

        _notes = [.. _includedFrom];
        _includedFrom.Clear();
        if (_context is not null)
        {
            _notes.Add(_context);
        }

        var severity = kind switch { "warning" => Severity.Warning, "note" or "remark" or "info" => Severity.Information, _ => Severity.Error };
        var isFromPipe = whole.StartsWith(Pipe, StringComparison.Ordinal);
        if (file == Pipe)
        {
            text = string.Create(CultureInfo.InvariantCulture, $"{text} (line {line} of what the compiler gave the assembler)");
            (file, line) = (_source, 0);
        }

        var place = file is null or "<command-line>" or "<built-in>" ? SourcePlace.None : new SourcePlace(Path.GetFullPath(file, _directory), line, column);
        var diagnostic = new Diagnostic(code, severity, place, kind is "internal compiler error" or "sorry, unimplemented" ? $"{kind}: {text}" : text, null, _notes);
        _diagnostics.Add(diagnostic);
        if (isFromPipe)
        {
            _fromPipe.Add(diagnostic);
        }
    }

    /// <summary><c>-Werror=unused-variable</c>, <c>-Werror,-Wunused-variable</c> and <c>-Wframe-larger-than=</c> become the plain name of the warning.</summary>
    private static string Code(string option)
    {
        var last = option.Split(',')[^1].TrimStart('-');
        last = last.StartsWith("Werror=", StringComparison.Ordinal) ? "W" + last["Werror=".Length..] : last;
        var equals = last.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 ? last[..equals] : last;
    }

    private static int Number(Group group) => group.Success && int.TryParse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static bool IsNoise(string line) => line is "compilation terminated." || Summary().IsMatch(line);

    [GeneratedRegex(@"^(?<file>[^\s:][^:]*|<[^>]+>):(?<line>\d+):(?:(?<column>\d+):)? (?<kind>fatal error|internal compiler error|sorry, unimplemented|error|warning|note|remark|Error|Fatal error|Warning|Info): (?<text>.*)$")]
    private static partial Regex Located();

    [GeneratedRegex(@"^(?<tool>[^\s:][^:]*): (?<kind>fatal error|internal compiler error|sorry, unimplemented|error|warning|note|Error|Fatal error|Warning): (?<text>.*)$")]
    private static partial Regex Unlocated();

    [GeneratedRegex(@"^(?:In file included from .*[:,]|In module .*[:,]|                 from .*[:,]|\s+inlined from .*[:,]|In function .*,)$")]
    private static partial Regex IncludedFrom();

    [GeneratedRegex(@"^[^\s:][^:]*: (?<where>(?:In|At) .*):$")]
    private static partial Regex Context();

    [GeneratedRegex(@" \[(?<option>-W[^\]\s]+)\]$")]
    private static partial Regex Option();

    [GeneratedRegex(@"^(?:distcc|ccache|sccache|icecc)\b")]
    private static partial Regex FromLauncher();

    [GeneratedRegex(@"^(?:\d+ (?:warnings?|errors?)(?: and \d+ errors?)? generated\.|cc1: (?:some|all) warnings being treated as errors|[^\s:][^:]*: Assembler messages:)$")]
    private static partial Regex Summary();
}
