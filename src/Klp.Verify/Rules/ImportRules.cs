using Klp.Base;
using Klp.Elf;
using Klp.Kernel;

namespace Klp.Verify.Rules;

/// <summary>
/// Undefined symbols: each must be an export that this module may use. Source: kernel/module/main.c, simplify_symbols, resolve_symbol, verify_namespace_is_imported.
/// </summary>
internal static class ImportRules
{
    public static void Check(VerifyContext context)
    {
        if (context.Input.Symvers is not { } symvers)
        {
            return;
        }

        var namespaces = context.Modinfo.Values("import_ns").ToHashSet();
        var depends = context.Modinfo.Values("depends").SelectMany(d => d.Split(',')).Select(ObjectName.Normalise).ToHashSet();
        foreach (var (index, symbol) in context.Module.Symbols.Index().Skip(1))
        {
            if (!symbol.IsUndefined || symbol.Name.Length == 0 || symbol.Name.StartsWith(LivepatchFormat.SymbolPrefix, StringComparison.Ordinal))
            {
                continue; // a .klp.sym. name that is undefined is LivepatchSymbolRules' finding
            }

            if (symvers.Find(symbol.Name) is { } export)
            {
                CheckExport(context, index, export, namespaces, depends);
            }
            else if (symbol.Binding != SymbolBinding.Weak && context.Architecture?.IsLoaderSymbol(symbol.Name) != true)
            {
                ReportMissing(context, index, symbol.Name);
            }
        }
    }

    private static void ReportMissing(VerifyContext context, int index, string name)
    {
        var elsewhere = context.Input.Index is { } symbols && symbols.Knows(ObjectName.Vmlinux) && symbols.Find(ObjectName.Vmlinux, name, new DiagnosticBag()).Count > 0;
        context.Diagnostics.Error("KLP0735", FirstUse(context, index),
            $"{name} is undefined, and the kernel exports no such symbol" + (elsewhere ? "; vmlinux has it, unexported." : ".") + $" The kernel would say: Unknown symbol {name} (err -2).",
            elsewhere ? "Let KlpConvert make it a livepatch symbol." : "Check the spelling, and the kernel this module is for.");
    }

    private static void CheckExport(VerifyContext context, int index, ExportedSymbol export, HashSet<string> namespaces, HashSet<string> depends)
    {
        if (export.Namespace is { Length: > 0 } space)
        {
            if (space.StartsWith("module:", StringComparison.Ordinal))
            {
                context.Diagnostics.Error("KLP0737", FirstUse(context, index), $"{export.Name} is exported to {space["module:".Length..]} only.", "Let KlpConvert make it a livepatch symbol.");
            }
            else if (!namespaces.Contains(space))
            {
                context.Diagnostics.Error("KLP0737", FirstUse(context, index), $"{export.Name} is exported in the namespace {space}, which the module does not import.", $"Write MODULE_IMPORT_NS({space}); (\"{space}\" in quotes since 6.13).");
            }
        }

        if (export.Owner != ObjectName.Vmlinux && !depends.Contains(export.Owner))
        {
            context.Warning("KLP0738", $"{export.Name} comes from the module {export.Owner}, which is not in depends: modprobe would not load it first, and the load may fail.", "Build the module again; depends is made by the build.");
        }
    }

    private static SourcePlace FirstUse(VerifyContext context, int symbol)
    {
        foreach (var (_, section) in context.Module.RelocationSections())
        {
            foreach (var relocation in context.Module.RelocationsOf(section))
            {
                if (relocation.SymbolIndex == (uint)symbol && context.Input.Lines.Find((int)section.Info, relocation.Offset) is { } place)
                {
                    return place;
                }
            }
        }

        return new SourcePlace(context.Input.ModuleFile);
    }
}
