using System.Text;
using Klp.Base;
using Klp.Kernel;
using Klp.Symbols;

namespace Klp.Cli.Commands;

/// <summary>Searches beyond one exact name, and what to say where nothing is found.</summary>
internal static class SymbolSearch
{
    private const int Offered = 5;

    /// <summary>Symbols of a name, or of every name that starts so where it ends in <c>*</c>.</summary>
    public static IEnumerable<KernelSymbol> Find(SymbolIndex index, string objectName, string name, DiagnosticBag diagnostics) => name.EndsWith('*')
        ? index.NamesWithPrefix(objectName, name[..^1], diagnostics).SelectMany(n => index.Find(objectName, n, diagnostics))
        : index.Find(objectName, name, diagnostics);

    public static void ReportMissing(SymbolIndex index, IReadOnlyList<string> objects, string name, DiagnosticBag diagnostics)
    {
        var relatives = objects.SelectMany(o => index.Relatives(o, name).Select(r => $"{o}.{r}")).ToList();
        var near = relatives.Count > 0 ? [] : index.Nearest(name, objects, Offered);
        var places = string.Join(", ", objects);
        diagnostics.Error(
            "KLP0322", SourcePlace.None, $"No symbol '{name}' in {places}.",
            relatives.Count > 0 ? "The compiler made something else of it; these can be patched in its place:"
            : near.Count > 0 ? "The nearest names are:"
            : index.Modules?.IsBuiltIn(objects[0]) == true ? $"{objects[0]} is built into this kernel: look in vmlinux." : "Check the name, and the object it is in.",
            relatives.Count > 0 ? relatives : [.. near]);
    }

    /// <summary>klp-convert's map: a header, then each object and its names, homonyms repeated, as nm would list them.</summary>
    public static string SymbolList(SymbolIndex index, IEnumerable<string> objects, DiagnosticBag diagnostics)
    {
        var text = new StringBuilder("klp-convert-symbol-data.0.1\n");
        foreach (var name in objects.Select(ObjectName.Normalise).Distinct())
        {
            text.Append('*').Append(name).Append('\n');
            foreach (var symbol in index.All(name, diagnostics))
            {
                text.Append(symbol.Name).Append('\n');
            }
        }

        return text.ToString();
    }
}
