using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

/// <summary>Stage PatchTables: the records of the author's header become the kernel's own klp_func and klp_object tables.</summary>
public sealed partial class KlpPatchTables
{
    /// <summary>The merged object.</summary>
    [Required]
    public string InputFile { get; set; } = "";

    /// <summary>The object with tables; the same bytes where there are no records.</summary>
    [Required]
    public string OutputFile { get; set; } = "";
}
