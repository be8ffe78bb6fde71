using System.Globalization;
using Klp.Base;

namespace Klp.Kernel;

/// <summary><c>KlpKernelRules</c>: <c>rule=value;…</c> over the defaults of a version, for kernels whose distribution has backported a rule.</summary>
public static class LoaderRulesOverride
{
    private static readonly string[] Names =
    [
        nameof(LoaderRules.MaximumObjectName), nameof(LoaderRules.MaximumSymbolName), nameof(LoaderRules.EarlyVmlinuxRelocations),
        nameof(LoaderRules.RefusesVmlinuxSymbolsInModuleSections), nameof(LoaderRules.UsesArchSections), nameof(LoaderRules.StripsLlvmSuffix),
        nameof(LoaderRules.ClearsRelocationsOnUnload), nameof(LoaderRules.SealsReadOnlyStaticKeys), nameof(LoaderRules.ReadsParainstructions), nameof(LoaderRules.Arm64Livepatch), nameof(LoaderRules.ChecksThisModuleSize),
        nameof(LoaderRules.SearchesFunctionForFtraceSite),
    ];

    /// <returns>Null with KLP0029, once for each word that is no rule or no value.</returns>
    public static LoaderRules? Apply(LoaderRules rules, string overrides, string projectFile, DiagnosticBag diagnostics)
    {
        var good = true;
        foreach (var word in overrides.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var parts = word.Split('=', 2, StringSplitOptions.TrimEntries);
            if (parts.Length == 2 && With(rules, parts[0], parts[1]) is { } changed)
            {
                rules = changed;
                continue;
            }

            good = false;
            diagnostics.Error("KLP0029", projectFile, $"KlpKernelRules has '{word}', which is no rule or has no value.", $"Write rule=true, rule=false or rule=number; the rules are {string.Join(", ", Names)}.");
        }

        return good ? rules : null;
    }

    private static LoaderRules? With(LoaderRules rules, string name, string value)
    {
        var number = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : (int?)null;
        var yes = value switch { "true" or "1" or "y" => true, "false" or "0" or "n" => false, _ => (bool?)null };
        return (Names.FirstOrDefault(k => k.Equals(name, StringComparison.OrdinalIgnoreCase)), number, yes) switch
        {
            (nameof(LoaderRules.MaximumObjectName), int length, _) => rules with { MaximumObjectName = length },
            (nameof(LoaderRules.MaximumSymbolName), int length, _) => rules with { MaximumSymbolName = length },
            (nameof(LoaderRules.EarlyVmlinuxRelocations), _, bool on) => rules with { EarlyVmlinuxRelocations = on },
            (nameof(LoaderRules.RefusesVmlinuxSymbolsInModuleSections), _, bool on) => rules with { RefusesVmlinuxSymbolsInModuleSections = on },
            (nameof(LoaderRules.UsesArchSections), _, bool on) => rules with { UsesArchSections = on },
            (nameof(LoaderRules.StripsLlvmSuffix), _, bool on) => rules with { StripsLlvmSuffix = on },
            (nameof(LoaderRules.ClearsRelocationsOnUnload), _, bool on) => rules with { ClearsRelocationsOnUnload = on },
            (nameof(LoaderRules.SealsReadOnlyStaticKeys), _, bool on) => rules with { SealsReadOnlyStaticKeys = on },
            (nameof(LoaderRules.ReadsParainstructions), _, bool on) => rules with { ReadsParainstructions = on },
            (nameof(LoaderRules.Arm64Livepatch), _, bool on) => rules with { Arm64Livepatch = on },
            (nameof(LoaderRules.ChecksThisModuleSize), _, bool on) => rules with { ChecksThisModuleSize = on },
            (nameof(LoaderRules.SearchesFunctionForFtraceSite), _, bool on) => rules with { SearchesFunctionForFtraceSite = on },
            _ => null,
        };
    }
}
