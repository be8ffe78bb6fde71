using System.Text;
using Klp.Base;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>
/// klp-convert's symbol data (Symbols.list, symbols.klp): a header line, then <c>*object</c> and the names of its symbols. Names come in nm's order, not the kernel's,
/// so homonyms can be counted but not told apart.
/// </summary>
internal static class SymbolListSource
{
    private const string Header = "klp-convert-symbol-data.0.1";

    /// <summary>Null with KLP0308 (empty, unknown header, symbol before any object); KLP0309 warns of an object listed twice.</summary>
    public static SymbolTables? Read(byte[] text, string path, DiagnosticBag diagnostics)
    {
        if (text.Length == 0)
        {
            return Fail(diagnostics, path, 0, "This symbol list is empty.");
        }

        if (!text.AsSpan().StartsWith(Encoding.ASCII.GetBytes(Header)))
        {
            return Fail(diagnostics, path, 1, $"This symbol list is in an unknown format: its first line should be '{Header}'.");
        }

        var objects = new Dictionary<string, ListedNames>();
        var repeated = new List<string>();
        var plain = Plain(text);
        for (var at = plain.IndexOf((byte)'\n') + 1; at < plain.Length;)
        {
            if (plain[at] != '*')
            {
                return Fail(diagnostics, path, FirstLine(text), "A symbol stands before the first '*object' line of this symbol list.");
            }

            var end = at + plain.AsSpan(at).IndexOf((byte)'\n');
            var next = plain.AsSpan(end).IndexOf("\n*"u8);
            var name = ObjectName.Normalise(Encoding.Latin1.GetString(plain[(at + 1)..end]));
            if (!objects.TryGetValue(name, out var names))
            {
                objects.Add(name, names = new ListedNames(plain));
            }
            else
            {
                repeated.Add(name);
            }

            at = next < 0 ? plain.Length : end + next + 1;
            names.Add(end + 1, at);
        }

        if (objects.Count == 0)
        {
            return Fail(diagnostics, path, 0, "This symbol list has nothing but its header.");
        }

        if (repeated.Count > 0)
        {
            diagnostics.Warning(
                "KLP0309", new SourcePlace(path),
                $"This symbol list has the same object more than once ({string.Join(", ", repeated.Distinct())}); their symbols are taken together.",
                "Generate the list again.");
        }

        return new SymbolTables
        {
            Objects = objects.ToDictionary(o => o.Key, o => ObjectSymbols.Of(o.Key, o.Value)),
            Description = $"a klp-convert symbol list of {objects.Count} objects",
            Limits = "the order of homonyms (a position can only be checked against their number), addresses, types, init symbols, C file names, which functions ftrace can hook, which kernel it is of",
            HasPositions = false,
        };
    }

    /// <summary>Lines of nothing but a name, each with its end. Most lists are so; the oldest generator wrote "name type".</summary>
    private static byte[] Plain(byte[] text)
    {
        if (text[^1] == '\n' && !text.AsSpan().ContainsAny((byte)' ', (byte)'\t', (byte)'\r') && text.AsSpan().IndexOf("\n\n"u8) < 0)
        {
            return text;
        }

        var plain = new byte[text.Length + 1];
        var length = 0;
        foreach (var range in text.AsSpan().Split((byte)'\n'))
        {
            var line = text.AsSpan(range).TrimEnd((byte)'\r');
            var isObject = line.StartsWith((byte)'*');
            var word = isObject ? line[1..].Trim(" \t"u8) : line;
            word = !isObject && word.IndexOfAny((byte)' ', (byte)'\t') is >= 0 and var space ? word[..space] : word;
            if (isObject)
            {
                plain[length++] = (byte)'*';
            }

            if (isObject || !word.IsEmpty)
            {
                word.CopyTo(plain.AsSpan(length));
                length += word.Length;
                plain[length++] = (byte)'\n';
            }
        }

        return plain[..length];
    }

    /// <summary>The number of the first line behind the header that is not blank.</summary>
    private static int FirstLine(ReadOnlySpan<byte> text)
    {
        var number = 0;
        foreach (var range in text.Split((byte)'\n'))
        {
            number++;
            if (number > 1 && !text[range].TrimEnd((byte)'\r').IsEmpty)
            {
                break;
            }
        }

        return number;
    }

    private static SymbolTables? Fail(DiagnosticBag diagnostics, string path, int line, string message)
    {
        diagnostics.Error(
            "KLP0308", new SourcePlace(path, line),
            message,
            "Generate the list again from the kernel build, or name the kernel image instead, which knows more.");
        return null;
    }
}
