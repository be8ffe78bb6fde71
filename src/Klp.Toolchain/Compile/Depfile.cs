using System.Text;

namespace Klp.Toolchain;

/// <summary>Reads the make rule that a compiler writes with -MD: what the object was made from.</summary>
internal static class Depfile
{
    /// <summary>The prerequisites, made absolute. Blanks and <c>#</c> are escaped with a backslash, <c>$</c> is doubled.</summary>
    public static List<string> Parse(string text, string directory)
    {
        var files = new List<string>();
        var word = new StringBuilder();
        var index = text.IndexOf(": ", StringComparison.Ordinal);
        index = index < 0 ? text.Length : index + 1;
        void End()
        {
            if (word.Length > 0)
            {
                files.Add(Path.GetFullPath(word.ToString(), directory));
                word.Clear();
            }
        }

        for (; index < text.Length; index++)
        {
            var c = text[index];
            var next = index + 1 < text.Length ? text[index + 1] : '\0';
            switch (c)
            {
                case '\\' when next is '\n' or '\r':
                    End();
                    break;
                case '\\' when next is ' ' or '#' or '\\' or ':' or '\t':
                    word.Append(next);
                    index++;
                    break;
                case '$' when next == '$':
                    word.Append('$');
                    index++;
                    break;
                case ' ' or '\t' or '\r' or '\n':
                    End();
                    break;
                default:
                    word.Append(c);
                    break;
            }
        }

        End();
        return files;
    }
}
