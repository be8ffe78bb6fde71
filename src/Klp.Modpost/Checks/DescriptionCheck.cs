using Klp.Base;
using Klp.Kernel;

namespace Klp.Modpost.Checks;

/// <summary>modinfo that people read: a description, and the livepatch mark said once.</summary>
internal static class DescriptionCheck
{
    // modpost warns of it always since 7.0 or earlier, and only at W=1 in 6.12.
    private static readonly Version Warns = new(7, 0);

    public static void Run(ModpostInput input, Modinfo source, ReferencePlaces places, DiagnosticBag diagnostics)
    {
        if (!source.Has("description") && !input.ExtraModinfo.Any(m => m.Key == "description"))
        {
            var severity = LoaderRules.For(input.Profile.Release).KernelVersion >= Warns ? Severity.Warning : Severity.Information;
            diagnostics.Add(new Diagnostic("KLP0516", severity, places.Module, "The module has no description, so modinfo cannot tell an administrator what it changes.", "Add MODULE_DESCRIPTION(\"…\"); to one source."));
        }

        if (source.Values("livepatch").Count() > 1)
        {
            diagnostics.Warning("KLP0525", places.Module, "The sources say MODULE_INFO(livepatch, \"Y\") more than once; once is enough, and the build adds it where it is missing.", "Remove those lines.");
        }
    }
}
