using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

/// <summary>Stage CoreCompile: cc per source, in parallel, only what would come out different; objtool per object where the kernel wants it so.</summary>
public sealed partial class KlpCompile
{
    /// <summary><c>@(Compile)</c>; metadata <c>CompilerOptions</c>, <c>Kernels</c>; those with <c>Unsorted</c> are put in order here.</summary>
    [Required]
    public ITaskItem[] Sources { get; set; } = [];

    /// <summary>Where the objects go; the task owns the folder.</summary>
    [Required]
    public string ObjectDirectory { get; set; } = "";

    /// <summary><c>@(IncludeDirectory)</c>.</summary>
    public string[] IncludeDirectories { get; set; } = [];

    /// <summary>The folder of <c>klp/patch.h</c>.</summary>
    public string SdkIncludeDirectory { get; set; } = "";

    /// <summary><c>$(DefineConstants)</c>: <c>NAME</c> or <c>NAME=value</c> each.</summary>
    public string[] Defines { get; set; } = [];

    /// <summary><c>$(KlpCompilerOptions)</c>: words as a shell would split them.</summary>
    public string CompilerOptions { get; set; } = "";

    /// <summary><c>$(KlpCompilerLauncher)</c>: words as a shell would split them.</summary>
    public string CompilerLauncher { get; set; } = "";

    /// <summary><c>NAME=value</c> for launcher and compiler.</summary>
    public string[] LauncherEnvironment { get; set; } = [];

    /// <summary><c>$(KlpMaxParallelism)</c>; empty: as many as there are processors.</summary>
    public string MaxParallelism { get; set; } = "";

    /// <summary><c>$(Deterministic)</c>.</summary>
    public bool Deterministic { get; set; } = true;

    /// <summary>The editor's database; empty for none.</summary>
    public string CompileCommandsFile { get; set; } = "";

    /// <summary>A design-time build: only the database is written, nothing is compiled.</summary>
    public bool DatabaseOnly { get; set; }

    /// <summary>The objects, in the order of the sources.</summary>
    [Output]
    public ITaskItem[] Objects { get; set; } = [];
}
