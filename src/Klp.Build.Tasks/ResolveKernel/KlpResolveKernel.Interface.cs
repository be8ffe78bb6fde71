using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

/// <summary>Stage ResolveKernel: says what is missing of the kernel, the sources or the name, before anything is started. It chooses nothing.</summary>
public sealed partial class KlpResolveKernel
{
    /// <summary><c>TargetKernel</c> as the project says it.</summary>
    public string TargetKernel { get; set; } = "";

    /// <summary><c>KlpKernelBuildDirectory</c> as the project says it.</summary>
    public string NamedDirectory { get; set; } = "";

    /// <summary>Why this kernel: <c>TargetKernel</c>, <c>KlpKernelBuildDirectory</c>, <c>running</c>, <c>default</c> or <c>only</c>.</summary>
    public string NameSource { get; set; } = "";

    /// <summary><c>KlpKernelStore</c>.</summary>
    [Required]
    public string Store { get; set; } = "";

    /// <summary>Stands before the places of the running system; empty but in tests.</summary>
    public string SystemRoot { get; set; } = "";

    /// <summary>The module's file name without extension.</summary>
    [Required]
    public string TargetName { get; set; } = "";

    /// <summary><c>NAME=value</c> of properties that are true or false.</summary>
    public string[] Switches { get; set; } = [];

    /// <summary><c>NAME=value</c> of environment variables that steer kbuild but not this build.</summary>
    public string[] IgnoredEnvironment { get; set; } = [];

    /// <summary>The record of written files, for Clean.</summary>
    [Required]
    public string RecordFile { get; set; } = "";

    /// <summary>What the build will write outside its own folder.</summary>
    public string[] OutputFiles { get; set; } = [];
}
