using Klp.Base;
using Klp.Kernel;

namespace Klp.Modpost.Checks;

/// <summary>Symbols exported into a namespace need a line in the source that imports it; some namespaces are for named modules only.</summary>
/// <remarks>Source: modpost check_exports, verify_module_namespace; kernel/module/main.c verify_namespace_is_imported.</remarks>
internal static class NamespaceCheck
{
    private const string ForModules = "module:";

    public static void Run(ModpostInput input, Modinfo source, ReferencePlaces places, DiagnosticBag diagnostics)
    {
        var imported = source.Values("import_ns").ToHashSet(StringComparer.Ordinal);
        foreach (var name in imported.Where(n => n.StartsWith(ForModules, StringComparison.Ordinal)))
        {
            diagnostics.Error("KLP0515", places.Saying(name, "MODULE_IMPORT_NS"), $"The source imports the namespace '{name}'. Namespaces that begin with '{ForModules}' belong to the modules they name and cannot be imported.", "Remove that MODULE_IMPORT_NS line.");
        }

        foreach (var group in input.Imports.Where(i => i.Namespace is not null).GroupBy(i => i.Namespace!))
        {
            var symbols = group.Select(i => i.Name).Distinct().ToList();
            if (group.Key.StartsWith(ForModules, StringComparison.Ordinal))
            {
                if (!IsFor(group.Key[ForModules.Length..], input.ModuleName))
                {
                    diagnostics.Error("KLP0514", places.Of(symbols[0]), $"{List(symbols)} exported only to the modules {group.Key[ForModules.Length..]}, and this one is {input.ModuleName}.",
                        "Refer to it as a livepatch symbol instead (KLP_RELOC_SYMBOL of <klp/relocs.h>).");
                }
            }
            else if (!imported.Contains(group.Key))
            {
                Report(input, places.Of(symbols[0]), group.Key, symbols, diagnostics);
            }
        }
    }

    /// <summary>Whether a list such as <c>kvm,kvm-*</c> names the module; <c>-</c> and <c>_</c> are the same, a final star stands for any rest.</summary>
    internal static bool IsFor(string list, string module) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Select(item => item.Replace('-', '_'))
        .Any(item => item.EndsWith('*') ? module.StartsWith(item[..^1], StringComparison.Ordinal) : module == item);

    private static void Report(ModpostInput input, SourcePlace place, string name, List<string> symbols, DiagnosticBag diagnostics)
    {
        var quoted = LoaderRules.For(input.Profile.Release).NamespacesAreStrings ? $"\"{name}\"" : name;
        var severity = input.Profile.IsConfigured("MODULE_ALLOW_MISSING_NAMESPACE_IMPORTS") ? Severity.Warning : Severity.Error;
        diagnostics.Add(new Diagnostic("KLP0513", severity, place, $"{List(symbols)} exported in the namespace {name}, which this module does not import.", $"Add to one source: MODULE_IMPORT_NS({quoted});"));
    }

    private static string List(List<string> symbols)
    {
        var shown = string.Join(", ", symbols.Take(5).Select(s => $"'{s}'")) + (symbols.Count > 5 ? $" and {symbols.Count - 5} more" : "");
        return shown + (symbols.Count == 1 ? " is" : " are");
    }
}
