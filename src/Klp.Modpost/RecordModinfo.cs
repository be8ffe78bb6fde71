using Klp.Base;
using Klp.Kernel;

namespace Klp.Modpost;

/// <summary>The modinfo entries that the sources do not say: what modpost adds and what the project adds.</summary>
internal static class RecordModinfo
{
    public static Modinfo Create(ModpostInput input, Modinfo source, DiagnosticBag diagnostics)
    {
        var result = new Modinfo();
        if (input.IsLivepatch && !source.Has("livepatch"))
        {
            result.Add("livepatch", "Y");
        }

        AddVersion(input, source, result, diagnostics);
        AddExtra(input, result, diagnostics);
        if (SourceVersion.IsWanted(input, source, result) && SourceVersion.Compute(input.Sources, !input.Profile.WorksInModuleFolder, diagnostics) is { } sourceVersion)
        {
            result.Add("srcversion", sourceVersion);
        }

        result.Add("depends", string.Join(',', input.Imports.Select(i => i.Owner).Where(o => o != "vmlinux" && o != input.ModuleName).Distinct()));
        result.Add("name", input.ModuleName);
        foreach (var entry in input.Profile.Template.Modinfo)
        {
            result.AddEntry(entry);
        }

        return result;
    }

    private static void AddVersion(ModpostInput input, Modinfo source, Modinfo result, DiagnosticBag diagnostics)
    {
        if (string.IsNullOrEmpty(input.Version))
        {
            return;
        }

        var said = source.Values("version").ToList();
        foreach (var other in said.Where(v => v != input.Version))
        {
            diagnostics.Error("KLP0520", SourcePlace.None, $"The project's Version is '{input.Version}', but the source says MODULE_VERSION(\"{other}\").", "Remove one of the two, or make them equal.");
        }

        if (said.Count == 0)
        {
            result.Add("version", input.Version);
        }
    }

    private static void AddExtra(ModpostInput input, Modinfo result, DiagnosticBag diagnostics)
    {
        foreach (var (key, value) in input.ExtraModinfo)
        {
            if (key.Length == 0 || key.AsSpan().ContainsAny("=\0 \t\n") || value.Contains('\0'))
            {
                diagnostics.Error("KLP0524", SourcePlace.None, $"ModuleInfo '{key}' cannot be written: a key is a word without '=' and blanks, a value has no NUL.", "Correct the ModuleInfo item of the project.");
            }
            else if (Reserved.Contains(key))
            {
                diagnostics.Error("KLP0524", SourcePlace.None, $"ModuleInfo '{key}' is written by the build itself; a second one would contradict it.", Cure(key));
            }
            else
            {
                result.Add(key, value);
            }
        }
    }

    private static readonly HashSet<string> Reserved = ["vermagic", "name", "depends", "retpoline", "srcversion", "livepatch", "intree", "version", "license"];

    private static string Cure(string key) => key switch
    {
        "version" => "Set the Version property instead.",
        "license" => "Say MODULE_LICENSE(\"GPL\") in the source instead.",
        _ => "Remove the ModuleInfo item.",
    };
}
