using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

/// <summary>Says what the inner builds left to say: each warning once, with the kernels it holds for.</summary>
public sealed partial class KlpMergeWarnings
{
    /// <summary>Where the inner builds left their warnings.</summary>
    [Required]
    public string FindingsPlace { get; set; } = "";

    /// <summary>The inner builds, with metadata <c>Release</c>.</summary>
    [Required]
    public ITaskItem[] InnerBuilds { get; set; } = [];
}
