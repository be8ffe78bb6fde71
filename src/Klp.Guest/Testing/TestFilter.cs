using System.Text;
using Klp.Base;

namespace Klp.Guest;

/// <summary>
/// The expressions of <c>dotnet test --filter</c>: <c>Property=value</c>, <c>!=</c>, <c>~</c> (contains), <c>!~</c>, joined by <c>&amp;</c> and <c>|</c>, with
/// parentheses; a word alone is <c>FullyQualifiedName~word</c>. A backslash takes the meaning from the next character.
/// </summary>
/// <remarks>Properties: FullyQualifiedName, Name, DisplayName, ClassName, Phase, TestCategory (the phase), Kernel. As with VSTest, case does not count, and a test has no other property.</remarks>
public sealed class TestFilter
{
    private readonly string _text;
    private readonly string _release;
    private int _at;

    private TestFilter(string text, string release) => (_text, _release) = (text, release);

    /// <summary>What selects tests of one kernel; null with KLP0042 where the expression is none. An empty one selects all.</summary>
    public static Func<TestCase, bool>? Parse(string text, string release, string? file, DiagnosticBag diagnostics)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return _ => true;
        }

        try
        {
            var parser = new TestFilter(text, release);
            var result = parser.Or();
            return parser.Next is null ? result : throw parser.Wrong("an '&' or a '|' is missing");
        }
        catch (FormatException e)
        {
            diagnostics.Error("KLP0042", file, $"The filter '{text}' cannot be understood: {e.Message}.",
                "It is made of Property=value, !=, ~ or !~, with & and | between; see `dotnet test --list-tests` for the names: dotnet test --filter \"FullyQualifiedName~Loaded\".");
            return null;
        }
    }

    private char? Next
    {
        get
        {
            while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
            {
                _at++;
            }

            return _at < _text.Length ? _text[_at] : null;
        }
    }

    private Func<TestCase, bool> Or()
    {
        var left = And();
        while (Take('|'))
        {
            var (first, second) = (left, And());
            left = t => first(t) || second(t);
        }

        return left;
    }

    private Func<TestCase, bool> And()
    {
        var left = Term();
        while (Take('&'))
        {
            var (first, second) = (left, Term());
            left = t => first(t) && second(t);
        }

        return left;
    }

    private Func<TestCase, bool> Term()
    {
        // Every level takes a character; a text of parentheses alone must not become as deep as it is long.
        if (_text.AsSpan(0, _at).Count('(') > 100)
        {
            throw Wrong("its parentheses are too deep");
        }

        if (Take('('))
        {
            var inner = Or();
            return Take(')') ? inner : throw Wrong("a ')' is missing");
        }

        var name = Word("=!~");
        var isNot = Take('!');
        var contains = Next == '~';
        if (!Take('~') && !Take('='))
        {
            return isNot ? throw Wrong("a '=' or '~' is missing behind '!'") : Compare("FullyQualifiedName", name, contains: true, isNot: false);
        }

        return Compare(name, Word(""), contains, isNot);
    }

    private Func<TestCase, bool> Compare(string property, string value, bool contains, bool isNot) => test =>
        (ValueOf(test, property) is { } actual
            && (contains ? actual.Contains(value, StringComparison.OrdinalIgnoreCase) : actual.Equals(value, StringComparison.OrdinalIgnoreCase))) != isNot;

    private string? ValueOf(TestCase test, string property) => property.ToUpperInvariant() switch
    {
        "FULLYQUALIFIEDNAME" or "DISPLAYNAME" => test.FullName,
        "NAME" => test.Name,
        "CLASSNAME" => test.Class,
        "PHASE" or "TESTCATEGORY" => test.Script?.Phase.ToString(),
        "KERNEL" => _release,
        _ => null,
    };

    private string Word(string ends)
    {
        var word = new StringBuilder();
        for (; _at < _text.Length; _at++)
        {
            var c = _text[_at];
            if (c == '\\' && _at + 1 < _text.Length)
            {
                c = _text[++_at];
            }
            else if ("()&|".Contains(c, StringComparison.Ordinal) || ends.Contains(c, StringComparison.Ordinal))
            {
                break;
            }

            word.Append(c);
        }

        return word.ToString().Trim() is { Length: > 0 } text ? text : throw Wrong("a name or a value is missing");
    }

    private bool Take(char c)
    {
        if (Next != c)
        {
            return false;
        }

        _at++;
        return true;
    }

    private FormatException Wrong(string what) => new($"{what} at position {_at + 1}");
}
