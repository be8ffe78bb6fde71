using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

/// <summary>Stage MergeObjects: one object of the module's objects, and objtool on it where the kernel delays it.</summary>
public sealed partial class KlpMerge
{
    /// <summary>The objects, in the order of the sources: order decides the layout.</summary>
    [Required]
    public ITaskItem[] Objects { get; set; } = [];

    /// <summary>The merged object.</summary>
    [Required]
    public string OutputFile { get; set; } = "";
}
