using System.Text;

namespace Klp.Base;

/// <summary>Splits and joins the words of a command the way a shell does, without a shell.</summary>
public static class Words
{
    /// <summary>Blanks separate; quotes and backslashes keep together. An open quote ends with the text.</summary>
    public static IReadOnlyList<string> Split(string text) => Split(text, out _);

    /// <summary>As the other, for a text that somebody wrote; KLP0029 where a quote in it is open, which would swallow the words behind it.</summary>
    /// <param name="where">What the text is, as the start of a sentence: <c>KlpCompilerOptions</c>.</param>
    public static IReadOnlyList<string> Split(string text, string where, SourcePlace place, DiagnosticBag diagnostics)
    {
        var words = Split(text, out var open);
        if (open != '\0')
        {
            diagnostics.Error("KLP0029", place, $"{where} is '{text.Trim()}', in which a quote ({open}) is not closed.", $"Close it, or write \\{open} for the character itself.");
        }

        return words;
    }

    private static List<string> Split(string text, out char open)
    {
        var words = new List<string>();
        StringBuilder? word = null;
        var quote = '\0';
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quote != '\0' && c == quote)
            {
                quote = '\0';
            }
            else if (c == '\\' && quote != '\'' && i + 1 < text.Length)
            {
                (word ??= new()).Append(text[++i]);
            }
            else if (quote == '\0' && c is '"' or '\'' && quote == '\0')
            {
                quote = c;
                word ??= new();
            }
            else if (quote == '\0' && char.IsWhiteSpace(c))
            {
                Flush();
            }
            else
            {
                (word ??= new()).Append(c);
            }
        }

        Flush();
        open = quote;
        return words;

        void Flush()
        {
            if (word is not null)
            {
                words.Add(word.ToString());
                word = null;
            }
        }
    }

    /// <summary>
    /// The text for the guest's shell. One word is the shell's text, so that <c>'a | b'</c> works; several are a program and its arguments, taken as they are.
    /// </summary>
    public static string Join(IReadOnlyList<string> words) =>
        words.Count == 1 ? words[0] : string.Join(' ', words.Select(w => "'" + w.Replace("'", "'\\''", StringComparison.Ordinal) + "'"));
}
