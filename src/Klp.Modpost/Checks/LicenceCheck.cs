using Klp.Base;

namespace Klp.Modpost.Checks;

/// <summary>The licence the sources say, and what the kernel lets a module of that licence use.</summary>
/// <remarks>Source: include/linux/license.h license_is_gpl_compatible; modpost check_exports and read_symbols.</remarks>
internal static class LicenceCheck
{
    private static readonly HashSet<string> Compatible =
        ["GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL"];

    public static void Run(ModpostInput input, Modinfo source, ReferencePlaces places, DiagnosticBag diagnostics)
    {
        var licences = source.Values("license").Distinct().ToList();
        if (licences.Count == 0)
        {
            diagnostics.Error("KLP0510", places.Module, "No source of this module says a licence, so the kernel takes it for proprietary and refuses it what only GPL modules may use.",
                "Add MODULE_LICENSE(\"GPL\"); to one source.");
            return;
        }

        var refused = licences.Where(l => !Compatible.Contains(l)).ToList();
        if (refused.Count == 0)
        {
            return;
        }

        var said = string.Join(", ", refused.Select(l => $"\"{l}\""));
        if (input.IsLivepatch)
        {
            diagnostics.Error("KLP0512", places.Saying($"\"{refused[0]}\"", "MODULE_LICENSE", "KLP_MODULE"), $"This livepatch has the licence {said}, which is not GPL-compatible; livepatching is open to GPL modules only (klp_enable_patch is GPL-only).",
                "Use one of " + string.Join(", ", Compatible.Select(l => $"\"{l}\"")) + ".");
        }

        foreach (var symbol in input.Imports.Where(i => i.GplOnly && !(input.IsLivepatch && i.Name == "klp_enable_patch")).DistinctBy(i => i.Name))
        {
            diagnostics.Error("KLP0511", places.Of(symbol.Name), $"'{symbol.Name}' is exported to GPL modules only, and this module has the licence {said}.",
                "Change the licence, or do without the symbol.");
        }
    }
}
