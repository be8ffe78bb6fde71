using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

/// <summary>Stage CopyFilesToOutputDirectory: a verified module appears under its final name by rename, whole or not at all.</summary>
public sealed partial class KlpCopy
{
    /// <summary>The module in <c>obj</c>.</summary>
    [Required]
    public string SourceFile { get; set; } = "";

    /// <summary>Its final path.</summary>
    [Required]
    public string DestinationFile { get; set; } = "";

    /// <summary>The record of written files, for Clean.</summary>
    [Required]
    public string RecordFile { get; set; } = "";

    /// <summary>The kernel's release.</summary>
    public string Release { get; set; } = "";

    /// <summary>The project's name, which starts the line <c>name -> path</c> that the terminal logger shows; empty for no line.</summary>
    public string ProjectName { get; set; } = "";
}
