using Klp.Base;
using Klp.Kernel;

namespace Klp.Modpost.Checks;

/// <summary>modinfo that people read: a description.</summary>
internal static class DescriptionCheck
{
    public static void Run(ModpostInput input, Modinfo source, ReferencePlaces places, DiagnosticBag diagnostics)
    {
        if (!source.Has("description") && !input.ExtraModinfo.Any(m => m.Key == "description"))
        {
            var severity = LoaderRules.For(input.Profile.Release).AsksForDescription ? Severity.Warning : Severity.Information;
            diagnostics.Add(new Diagnostic("KLP0516", severity, places.Module, "The module has no description, so modinfo cannot tell an administrator what it changes.", "Add MODULE_DESCRIPTION(\"…\"); to one source."));
        }
    }
}
