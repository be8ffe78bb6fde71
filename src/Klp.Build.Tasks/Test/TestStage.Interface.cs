using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

/// <summary>What planning and running the tests of a patch have in common: the module, the project's scripts, the selection.</summary>
public abstract partial class TestStage
{
    /// <summary>The finished module, <c>$(TargetPath)</c>.</summary>
    [Required]
    public string ModuleFile { get; set; } = "";

    /// <summary><c>@(KlpTest)</c>; metadata <c>Phase</c>, <c>Expect</c>, <c>Kernels</c>.</summary>
    public ITaskItem[] Tests { get; set; } = [];

    /// <summary><c>@(KlpObject)</c>: patched objects that the module cannot tell.</summary>
    public ITaskItem[] PatchedObjects { get; set; } = [];

    /// <summary><c>dotnet test --filter</c>.</summary>
    public string Filter { get; set; } = "";

    /// <summary>The same patch under another name, for the test of its replacement; it need not be there.</summary>
    public string SuccessorFile { get; set; } = "";
}
