using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

/// <summary>Target Clean: removes what the build wrote, for every kernel the project was built for, and the folders that become empty.</summary>
public sealed partial class KlpClean
{
    /// <summary><c>$(BaseIntermediateOutputPath)</c>: below it lies one folder per kernel.</summary>
    [Required]
    public string BaseIntermediateOutputPath { get; set; } = "";

    /// <summary><c>$(IntermediateOutputPath)</c>, which may lie elsewhere.</summary>
    [Required]
    public string IntermediateOutputPath { get; set; } = "";

    /// <summary>The project's name, which names its record of written files.</summary>
    [Required]
    public string ProjectName { get; set; } = "";
}
