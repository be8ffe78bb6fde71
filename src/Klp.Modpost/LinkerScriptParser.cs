using System.Globalization;
using Klp.Base;

namespace Klp.Modpost;

/// <summary>Reads <c>SECTIONS { … }</c>, one or several. What it does not know is an error with its line: guessing would silently change the module.</summary>
internal sealed class LinkerScriptParser(string text, DiagnosticBag diagnostics)
{
    private const string Separators = "{}();:=,";

    private readonly List<(string Text, int Line)> _tokens = [];
    private int _at;
    private bool _failed;

    private string Current => _at < _tokens.Count ? _tokens[_at].Text : "";

    public LinkerScript? Parse()
    {
        Tokenize();
        var rules = new List<OutputRule>();
        do
        {
            // Most architectures have a second list of their own (arch/*/include/asm/module.lds.h).
            ParseSections(rules);
        }
        while (!_failed && _at < _tokens.Count);

        return _failed ? null : new LinkerScript(rules);
    }

    private void ParseSections(List<OutputRule> rules)
    {
        Expect("SECTIONS");
        Expect("{");
        while (!_failed && Current != "}")
        {
            if (Current == ";")
            {
                _at++;
            }
            else if (ParseRule() is { } rule)
            {
                rules.Add(rule);
            }
        }

        Expect("}");
    }

    private OutputRule? ParseRule()
    {
        var name = Take();
        while (!_failed && Current != ":")
        {
            // An address: the loader sets its own, so it does not matter here.
            if (Current is "" or "{" or "}" or "=" or ";")
            {
                Fail();
            }

            _at++;
        }

        Expect(":");
        var alignment = 1ul;
        if (Current is "ALIGN" or "SUBALIGN")
        {
            _at++;
            Expect("(");
            alignment = Number();
            Expect(")");
        }

        Expect("{");
        var statements = new List<ScriptStatement>();
        while (!_failed && Current != "}")
        {
            if (Current == ";")
            {
                _at++;
            }
            else if (ParseStatement() is { } statement)
            {
                statements.Add(statement);
            }
        }

        Expect("}");
        return _failed ? null : new OutputRule(name, alignment, statements);
    }

    private ScriptStatement? ParseStatement()
    {
        var word = Take();
        switch (word)
        {
            case "KEEP":
                Expect("(");
                var kept = ParseStatement();
                Expect(")");
                return kept;
            case "PROVIDE" or "PROVIDE_HIDDEN":
                Expect("(");
                var symbol = Take();
                Expect("=");
                var provided = new ScriptStatement.Define(symbol, ParsePlace(), OnlyIfReferenced: true);
                Expect(")");
                return provided;
            case "BYTE" or "SHORT" or "LONG" or "QUAD":
                Expect("(");
                var number = Number();
                Expect(")");
                return new ScriptStatement.Value(word switch { "BYTE" => 1, "SHORT" => 2, "LONG" => 4, _ => 8 }, number);
            case "*" when Current == "(":
                return ParseInputs();
        }

        if (Current != "=")
        {
            Fail();
            return null;
        }

        _at++;
        var place = ParsePlace();
        Expect(";");
        return word == "." ? new ScriptStatement.MoveTo(place) : new ScriptStatement.Define(word, place, OnlyIfReferenced: false);
    }

    private ScriptStatement.Inputs ParseInputs()
    {
        Expect("(");
        var patterns = new List<ScriptStatement.Pattern>();
        while (!_failed && Current != ")")
        {
            if (Current == ",")
            {
                _at++;
            }
            else if (Current is "SORT" or "SORT_BY_NAME")
            {
                _at++;
                Expect("(");
                patterns.Add(new ScriptStatement.Pattern(Take(), Sorted: true));
                Expect(")");
            }
            else if (Current is "EXCLUDE_FILE" or "SORT_BY_ALIGNMENT" or "SORT_BY_INIT_PRIORITY" or "SORT_NONE" or "" || Separators.Contains(Current[0]))
            {
                Fail();
            }
            else
            {
                patterns.Add(new ScriptStatement.Pattern(Take(), Sorted: false));
            }
        }

        Expect(")");
        return new ScriptStatement.Inputs(patterns);
    }

    /// <summary><c>.</c>, <c>ALIGN(n)</c> or <c>ALIGN(., n)</c>, each with an optional <c>+ n</c>.</summary>
    private ScriptStatement.Spot ParsePlace()
    {
        var alignment = 1ul;
        if (Current == "ALIGN")
        {
            _at++;
            Expect("(");
            if (Current == ".")
            {
                _at++;
                Expect(",");
            }

            alignment = Number();
            Expect(")");
        }
        else
        {
            Expect(".");
        }

        var add = 0ul;
        if (Current == "+")
        {
            _at++;
            add = Number();
        }

        return new ScriptStatement.Spot(alignment, add);
    }

    private ulong Number()
    {
        var word = Take();
        var hexadecimal = word.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        if (ulong.TryParse(hexadecimal ? word.AsSpan(2) : word, hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= int.MaxValue)
        {
            return number;
        }

        _at--;
        Fail();
        return 1;
    }

    private string Take()
    {
        if (_at >= _tokens.Count || Separators.Contains(Current[0]))
        {
            Fail();
            return "";
        }

        return _tokens[_at++].Text;
    }

    private void Expect(string token)
    {
        if (Current == token)
        {
            _at++;
        }
        else
        {
            Fail();
        }
    }

    private void Fail()
    {
        if (!_failed)
        {
            var line = _at < _tokens.Count ? _tokens[_at].Line : text.AsSpan().Count('\n') + 1;
            var what = Current.Length == 0 ? "its end" : $"'{Current}'";
            diagnostics.Error("KLP0580", new SourcePlace("module.lds", line), $"The kernel's module.lds has something at {what} in line {line} that this linker does not know.",
                "Report it with the file (scripts/module.lds or arch/*/module.lds of the kernel tree).");
        }

        _failed = true;
    }

    private void Tokenize()
    {
        var line = 1;
        for (var i = 0; i < text.Length;)
        {
            if (text[i] == '\n')
            {
                line++;
            }

            if (char.IsWhiteSpace(text[i]))
            {
                i++;
            }
            else if (text.AsSpan(i).StartsWith("/*"))
            {
                var end = text.IndexOf("*/", i + 2, StringComparison.Ordinal);
                end = end < 0 ? text.Length : end + 2;
                line += text.AsSpan(i, end - i).Count('\n');
                i = end;
            }
            else
            {
                var start = i++;
                while (!Separators.Contains(text[start]) && i < text.Length && !char.IsWhiteSpace(text[i]) && !Separators.Contains(text[i]))
                {
                    i++;
                }

                _tokens.Add((text[start..i], line));
            }
        }
    }
}
