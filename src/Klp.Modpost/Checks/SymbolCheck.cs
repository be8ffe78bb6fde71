using Klp.Base;
using Klp.Elf;

namespace Klp.Modpost.Checks;

/// <summary>What the symbol table says the loader or this build would not take: device tables, exports, no init.</summary>
internal static class SymbolCheck
{
    private const string ExportLabel = "__export_symbol_";
    private const string ExportEntry = "__ksymtab_";
    private const string EnablePatch = "klp_enable_patch";

    public static void Run(ModpostInput input, Modinfo source, ReferencePlaces places, DiagnosticBag diagnostics)
    {
        var symbols = input.Module.Symbols;
        var tables = symbols.Where(s => s.Name.StartsWith("__mod_", StringComparison.Ordinal) && s.Name.Contains("device_table", StringComparison.Ordinal)).Select(s => s.Name).ToList();
        if (tables.Count > 0)
        {
            diagnostics.Error("KLP0522", places.Module, "This module has a device table (MODULE_DEVICE_TABLE), by which udev would load it for a device. A livepatch is loaded by an administrator; module aliases are not made here.",
                "Remove the MODULE_DEVICE_TABLE line.", tables);
        }

        var exports = symbols.Where(s => !s.IsUndefined).Select(s => s.Name)
            .Where(n => n.StartsWith(ExportLabel, StringComparison.Ordinal) || n.StartsWith(ExportEntry, StringComparison.Ordinal))
            .Select(n => n[(n.StartsWith(ExportLabel, StringComparison.Ordinal) ? ExportLabel : ExportEntry).Length..]).Distinct().ToList();
        if (exports.Count > 0)
        {
            diagnostics.Error("KLP0523", places.Module, "This module exports symbols (EXPORT_SYMBOL). Their version checksums come from a kernel tool that headers packages may lack, and other modules that use them would pin the patch, so exports are not supported.",
                "Remove the EXPORT_SYMBOL lines.", exports);
        }

        if (!input.IsLivepatch && !source.Has("livepatch"))
        {
            return;
        }

        if (!symbols.Exists(s => s.Name == "init_module" && !s.IsUndefined))
        {
            diagnostics.Warning("KLP0529", places.Module, "This livepatch has no init function, so nothing enables it: the module would load and change nothing.", "Call klp_enable_patch in a function named by module_init, or use KLP_MODULE of <klp/patch.h>.");
        }
        else if (!symbols.Exists(s => s.Name == EnablePatch))
        {
            diagnostics.Warning("KLP0556", places.Saying("livepatch", "MODULE_INFO"), $"This livepatch never calls {EnablePatch}: the module would load and change nothing.", $"Return {EnablePatch}(&patch) from the function named by module_init, or use KLP_MODULE of <klp/patch.h>.");
        }
    }
}
