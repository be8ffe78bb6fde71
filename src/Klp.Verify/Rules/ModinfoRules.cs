using Klp.Base;
using Klp.Symbols;

namespace Klp.Verify.Rules;

/// <summary>
/// What <c>.modinfo</c> must say. Sources: kernel/module/main.c (check_modinfo, same_magic, check_modinfo_livepatch), include/linux/license.h.
/// </summary>
internal static class ModinfoRules
{
    private static readonly string[] s_gplLicences = ["GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL"];

    public static void Check(VerifyContext context)
    {
        CheckMark(context);
        CheckLicence(context);
        CheckVermagic(context);
        CheckTemplate(context);
        CheckDepends(context);
    }

    private static void CheckMark(VerifyContext context)
    {
        var marks = context.Modinfo.Values("livepatch").ToList();
        if (marks.Count == 0 && context.IsLivepatchModule)
        {
            context.Error("KLP0720", "The module's modinfo does not say livepatch=Y: the kernel would not enable the patch, and would never write its livepatch relocations.",
                "Add MODULE_INFO(livepatch, \"Y\"); or let this SDK build the module, which adds it.");
        }
        else if (marks.Count > 1 || marks.Exists(m => m != "Y"))
        {
            context.Error("KLP0720", $"The module's modinfo says livepatch {marks.Count} times ({string.Join(", ", marks)}) where livepatch=Y exactly once is right.", "Keep one MODULE_INFO(livepatch, \"Y\"); <klp/patch.h> needs none.");
        }
    }

    private static void CheckLicence(VerifyContext context)
    {
        var licences = context.Modinfo.Values("license").ToList();
        var bad = licences.Where(l => !s_gplLicences.Contains(l)).ToList();
        if (context.IsLivepatchModule && (licences.Count == 0 || bad.Count > 0))
        {
            context.Error("KLP0721", (licences.Count == 0 ? "The module has no licence" : $"The module's licence is \"{bad[0]}\"")
                + ", and klp_enable_patch is only for modules under the GPL: the kernel would say \"Unknown symbol klp_enable_patch\".", "Write MODULE_LICENSE(\"GPL\").");
        }
    }

    private static void CheckVermagic(VerifyContext context)
    {
        var magics = context.Modinfo.Values("vermagic").ToList();
        if (magics.Count == 0)
        {
            context.Error("KLP0722", "The module has no vermagic, so only a forced load would take it.", "Build it with the kernel's own headers.");
            return;
        }

        if (context.Input.Profile?.Template.Vermagic is not { } wanted || magics[0] == wanted)
        {
            return;
        }

        // same_magic: with a __versions section the release is not compared, the words behind it are.
        var isOtherReleaseOnly = WithoutRelease(magics[0]) == WithoutRelease(wanted) && context.Module.FindSection("__versions") is not null;
        var message = $"The module's vermagic is '{magics[0]}', the kernel {context.Input.Profile.Release} wants '{wanted}'.";
        const string Cure = "Build it for this kernel (TargetKernel).";
        if (isOtherReleaseOnly && !context.Input.HoldsContract)
        {
            context.Warning("KLP0722", message + " Only the release differs, so it may load; whether it fits nobody has checked.", Cure);
        }
        else
        {
            context.Error("KLP0722", message, Cure);
        }
    }

    private static string WithoutRelease(string vermagic) => vermagic.IndexOf(' ') is >= 0 and var at ? vermagic[at..] : "";

    /// <summary>Entries that every module of this kernel carries; without <c>retpoline</c> the kernel warns of a vulnerable module.</summary>
    private static void CheckTemplate(VerifyContext context)
    {
        foreach (var entry in context.Input.Profile?.Template.Modinfo ?? [])
        {
            var key = entry.Split('=', 2)[0];
            if (key is not ("vermagic" or "name") && !context.Modinfo.Values(key).Any())
            {
                context.Warning("KLP0723", $"Modules of this kernel carry '{entry}' in their modinfo, and this one does not; the kernel may warn when it loads.", "Build it with the kernel's own flags.");
            }
        }
    }

    private static void CheckDepends(VerifyContext context)
    {
        var depends = context.Modinfo.Values("depends").SelectMany(d => d.Split(',', StringSplitOptions.RemoveEmptyEntries)).Select(Klp.Kernel.ObjectName.Normalise).ToHashSet();
        foreach (var name in depends.Where(d => context.PatchedObjects?.Contains(d) == true).Order(StringComparer.Ordinal))
        {
            var imports = context.Input.Symvers is { } symvers ? context.Module.Symbols.Where(s => s.IsUndefined && symvers.Find(s.Name)?.Owner == name).Select(s => s.Name).Distinct().ToList() : [];
            context.Diagnostics.Warning("KLP0724", new SourcePlace(context.Input.ModuleFile), $"The module depends on {name}, which it patches: modprobe would load {name} first, and it could not be removed while the patch is there.",
                imports.Count == 0 ? $"Take {name} out of depends: nothing is imported from it."
                : $"Where the code runs only with {name} patched, say so behind the declaration of what is imported, as with KLP_RELOC_SYMBOL({name}, {name}, {imports[0]}) of <klp/relocs.h>.",
                imports.Count == 0 ? null : [$"imported from {name}: {string.Join(", ", imports)}"]);
        }
    }
}
