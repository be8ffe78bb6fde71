using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

/// <summary>Stage ProbeKernel: the kernel's flags and struct layouts, asked of its own build system once and cached per user.</summary>
public sealed partial class KlpProbeKernel
{
    /// <summary><c>$(PATH)</c>: where make and the compiler are found.</summary>
    [Required]
    public string SearchPath { get; set; } = "";

    /// <summary>The cached profile, for the stages that follow.</summary>
    [Output]
    public string ProfileFile { get; set; } = "";

    /// <summary>The kernel's architecture in kbuild's words: <c>x86</c>, <c>arm64</c>, <c>powerpc</c>, <c>s390</c>.</summary>
    [Output]
    public string Architecture { get; set; } = "";
}
