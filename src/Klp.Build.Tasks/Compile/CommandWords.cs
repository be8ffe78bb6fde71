using System.Text;

namespace Klp.Build.Tasks;

/// <summary>Splits a property's text into words as a shell would: blanks separate, single and double quotes hold together, a backslash takes the next character as it is.</summary>
internal static class CommandWords
{
    public static IReadOnlyList<string> Split(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var open = false;
        char? quote = null;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quote is null && char.IsWhiteSpace(c))
            {
                if (open)
                {
                    words.Add(word.ToString());
                    word.Clear();
                    open = false;
                }

                continue;
            }

            open = true;
            if (c == quote)
            {
                quote = null;
            }
            else if (quote is null && c is '\'' or '"' && quote is null)
            {
                quote = c;
            }
            else if (c == '\\' && quote != '\'' && i + 1 < text.Length)
            {
                word.Append(text[++i]);
            }
            else
            {
                word.Append(c);
            }
        }

        if (open)
        {
            words.Add(word.ToString());
        }

        return words;
    }
}
