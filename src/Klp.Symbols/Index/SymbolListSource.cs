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
    public static SymbolTables? Read(ReadOnlySpan<byte> text, string path, DiagnosticBag diagnostics)
    {
        if (text.IsEmpty)
        {
            return Fail(diagnostics, path, 0, "This symbol list is empty.");
        }

        if (!text.StartsWith(Encoding.ASCII.GetBytes(Header)))
        {
            return Fail(diagnostics, path, 1, $"This symbol list is in an unknown format: its first line should be '{Header}'.");
        }

        var builders = new Dictionary<string, ObjectSymbolsBuilder>();
        var repeated = new List<string>();
        ObjectSymbolsBuilder? current = null;
        var number = 0;
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range].TrimEnd((byte)'\r');
            number++;
            if (number == 1 || line.IsEmpty)
            {
                continue;
            }

            if (line[0] == '*')
            {
                var name = ObjectName.Normalise(Encoding.Latin1.GetString(line[1..].Trim((byte)' ')));
                if (builders.TryGetValue(name, out current))
                {
                    repeated.Add(name);
                }
                else
                {
                    builders.Add(name, current = new ObjectSymbolsBuilder());
                }

                continue;
            }

            if (current is null)
            {
                return Fail(diagnostics, path, number, "A symbol stands before the first '*object' line of this symbol list.");
            }

            // The oldest generator wrote "name type".
            var end = line.IndexOf((byte)' ');
            current.Add(end < 0 ? line : line[..end], 0, '?');
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
            Objects = builders.ToDictionary(b => b.Key, b => ObjectSymbols.Open(b.Key, b.Value.Build())!),
            Description = $"a klp-convert symbol list of {builders.Count} objects",
            Limits = "the order of homonyms (a position can only be checked against their number), addresses, types, init symbols, C file names, which functions ftrace can hook, which kernel it is of",
            HasPositions = false,
        };
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
