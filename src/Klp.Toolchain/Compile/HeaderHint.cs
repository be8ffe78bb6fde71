using System.Text.RegularExpressions;
using Klp.Base;

namespace Klp.Toolchain;

/// <summary>A source that uses a macro of our headers without including them gets errors that speak of parentheses; this adds the line that is missing.</summary>
internal static partial class HeaderHint
{
    /// <summary>The same messages; the first error at such a macro has the include as its cure.</summary>
    public static IEnumerable<Diagnostic> Add(IEnumerable<Diagnostic> said, string source)
    {
        var done = false;
        foreach (var diagnostic in said)
        {
            if (!done && diagnostic.Severity == Severity.Error && Macro(diagnostic) is { } macro && !Mentions(source, Header(macro)))
            {
                done = true;
                yield return diagnostic with { Cure = $"({macro} is a macro of a header: write #include <{Header(macro)}> above it.)" };
            }
            else
            {
                yield return diagnostic;
            }
        }
    }

    private static string? Macro(Diagnostic diagnostic) =>
        diagnostic.Notes?.Select(n => Quoted().Match(n)).FirstOrDefault(m => m.Success) is { } match ? match.Groups[1].Value : null;

    private static string Header(string macro) => macro is "KLP_SYMPOS" or "KLP_MODULE_RELOC" or "KLP_STATIC_CALL" || macro.StartsWith("KLP_RELOC", StringComparison.Ordinal) ? "klp/relocs.h" : "klp/patch.h";

    private static bool Mentions(string source, string header) =>
        SafeFile.Read(source, new DiagnosticBag()) is not { } bytes || System.Text.Encoding.UTF8.GetString(bytes).Contains(header, StringComparison.Ordinal);

    /// <summary>The line of the source as gcc and clang quote it.</summary>
    [GeneratedRegex(@"^(?:\s*\d+ \|)?\s*(KLP_[A-Z_]+)\(")]
    private static partial Regex Quoted();
}
