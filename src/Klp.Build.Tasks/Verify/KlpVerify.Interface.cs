using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

/// <summary>Stage VerifyModule: what would the kernel say to this module? Claims are held against the kernel's image and modules, the file against the loader's rules.</summary>
public sealed partial class KlpVerify
{
    /// <summary>The finished module, in <c>obj</c>.</summary>
    [Required]
    public string InputFile { get; set; } = "";

    /// <summary>The merged object, which still has the records of the author's header with their lines.</summary>
    [Required]
    public string ClaimsFile { get; set; } = "";
}
