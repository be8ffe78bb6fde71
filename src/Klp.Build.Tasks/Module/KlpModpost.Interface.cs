using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

/// <summary>Stage Modpost: modinfo, versions, dependencies and struct module, checked and written as ELF.</summary>
public sealed partial class KlpModpost
{
    /// <summary>The object with tables.</summary>
    [Required]
    public string InputFile { get; set; } = "";

    /// <summary>The merged object, where the author's claims still stand with their lines; empty where nobody wants them verified.</summary>
    public string ClaimsFile { get; set; } = "";

    /// <summary>The module record.</summary>
    [Required]
    public string OutputFile { get; set; } = "";

    /// <summary>CoreCompile's objects, in order, with metadata <c>Source</c> and <c>Dependencies</c>: what srcversion is made from.</summary>
    public ITaskItem[] Objects { get; set; } = [];

    /// <summary><c>$(Version)</c>; empty for none.</summary>
    public string Version { get; set; } = "";

    /// <summary><c>@(ModuleInfo)</c>; metadata <c>Value</c>.</summary>
    public ITaskItem[] ModuleInfo { get; set; } = [];
}
