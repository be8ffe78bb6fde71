using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

/// <summary>Stage KlpConvert: unresolved references become livepatch symbols and livepatch relocations.</summary>
public sealed partial class KlpConvert
{
    /// <summary>The linked module.</summary>
    [Required]
    public string InputFile { get; set; } = "";

    /// <summary>The finished module, in <c>obj</c>.</summary>
    [Required]
    public string OutputFile { get; set; } = "";
}
