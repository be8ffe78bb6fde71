using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

/// <summary>Stage LinkModule: the object and its module record become one, laid out as the kernel's module.lds says, by our own writer.</summary>
public sealed partial class KlpLink
{
    /// <summary>The object with tables.</summary>
    [Required]
    public string InputFile { get; set; } = "";

    /// <summary>The module record.</summary>
    [Required]
    public string RecordFile { get; set; } = "";

    /// <summary>The linked module, before conversion.</summary>
    [Required]
    public string OutputFile { get; set; } = "";

    /// <summary><c>$(DebugSymbols)</c>: false drops debug data.</summary>
    public bool KeepDebug { get; set; } = true;
}
