using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

/// <summary>Turns <c>TargetKernels</c> into inner builds: one for each kernel, by whatever names the list has it.</summary>
public sealed partial class KlpPlanKernels
{
    /// <summary><c>$(TargetKernels)</c>; or one name that is no kernel here, which may be a KernelTarget.</summary>
    [Required]
    public string Names { get; set; } = "";

    /// <summary><c>KlpKernelStore</c>.</summary>
    [Required]
    public string Store { get; set; } = "";

    /// <summary>Stands before the places of the running system; empty but in tests.</summary>
    public string SystemRoot { get; set; } = "";

    /// <summary><c>@(KernelTarget)</c>; metadata <c>BuildDirectory</c>, <c>Architecture</c>, <c>CrossPrefix</c>.</summary>
    public ITaskItem[] KernelTargets { get; set; } = [];

    /// <summary>Items whose metadata <c>Kernels</c> is looked at for wildcards that match nothing; metadata <c>Type</c>: what kind of item each is.</summary>
    public ITaskItem[] ConditionedItems { get; set; } = [];

    /// <summary>Absolute path that the names of the inner builds' findings begin with.</summary>
    [Required]
    public string FindingsStem { get; set; } = "";

    /// <summary>Where the inner builds leave their warnings.</summary>
    [Output]
    public string FindingsPlace { get; set; } = "";

    /// <summary>The project once per kernel, with <c>AdditionalProperties</c> for the MSBuild task, <c>Name</c> and <c>Release</c>.</summary>
    [Output]
    public ITaskItem[] InnerBuilds { get; set; } = [];
}
