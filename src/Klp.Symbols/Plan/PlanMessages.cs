using System.Globalization;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>Lines the author can paste, and candidates as one list: every message about a choice uses these.</summary>
internal static class PlanMessages
{
    /// <summary>One numbered line per candidate: object, position (from 1), address, source file where known, and the annotation that means it.</summary>
    public static IReadOnlyList<string> Candidates(IReadOnlyList<KernelSymbol> candidates, Func<KernelSymbol, string> sectionObject) =>
        [.. candidates.Select((c, i) => $"{i + 1}. {Describe(c)}: {Annotation(sectionObject(c), c)}")];

    /// <summary>The same for a symbol that is annotated already, by another annotation of the same form: a second declaration would contradict the first.</summary>
    public static IReadOnlyList<string> Choices(IReadOnlyList<KernelSymbol> candidates, SymbolAnnotation annotation) =>
        [.. candidates.Select((c, i) => $"{i + 1}. {Describe(c)}: {Replacement(annotation, c)}")];

    private static string Replacement(SymbolAnnotation annotation, KernelSymbol symbol)
    {
        var position = symbol.Count > 1 ? symbol.Position : 0;
        var sectionObject = annotation.SectionObject ?? SectionObjectFor(symbol, null);
        return annotation.Form switch
        {
            AnnotationForm.Hint => Hint(symbol, position),
            AnnotationForm.ModuleRelocation => string.Create(CultureInfo.InvariantCulture, $"KLP_SYMPOS({symbol.Name}, {position})"),
            AnnotationForm.LivepatchName => new LivepatchSymbolName(symbol.Object, symbol.Name, (ulong)position).ToString(),
            _ when IsIdentifier(symbol.Name) => string.Create(CultureInfo.InvariantCulture, $"KLP_RELOC_SYMBOL_POS({sectionObject}, {symbol.Object}, {symbol.Name}, {position})"),
            _ => string.Create(CultureInfo.InvariantCulture, $"KLP_RELOC_NAME({sectionObject}, {symbol.Object}, \"{symbol.Name}\", {position})"),
        };
    }

    private static string Hint(KernelSymbol symbol, int position) =>
        string.Create(CultureInfo.InvariantCulture, $"<KlpSymbolHint Include=\"{symbol.Name}\" Object=\"{symbol.Object}\" SymbolPosition=\"{position}\" />");

    public static string Describe(KernelSymbol symbol) => string.Create(CultureInfo.InvariantCulture,
        $"{symbol.Object}, position {symbol.Position} of {symbol.Count}, type {symbol.Type}{(symbol.Address == 0 ? "" : $", address 0x{symbol.Address:x16}")}{(symbol.SourceFile is null ? "" : $", {symbol.SourceFile}")}{(symbol.IsInit ? ", in an init section (freed after use)" : "")}");

    /// <summary>The declaration that means this symbol; as a project item where its name is no C name.</summary>
    public static string Annotation(string sectionObject, KernelSymbol symbol)
    {
        var position = symbol.Count > 1 ? symbol.Position : 0;
        return IsIdentifier(symbol.Name)
            ? string.Create(CultureInfo.InvariantCulture, $"extern typeof({symbol.Name}) {symbol.Name} KLP_RELOC_SYMBOL_POS({sectionObject}, {symbol.Object}, {symbol.Name}, {position});")
            : Hint(symbol, position);
    }

    private static bool IsIdentifier(string name) => name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    public static string List(IEnumerable<string> names) => string.Join(", ", names);

    public static string Plural(int count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    /// <summary>Which object's code should hold the references, for a line to paste: vmlinux's symbols always go with vmlinux.</summary>
    public static string SectionObjectFor(KernelSymbol symbol, string? owner) => symbol.Object == ObjectName.Vmlinux ? ObjectName.Vmlinux : owner ?? symbol.Object;
}
