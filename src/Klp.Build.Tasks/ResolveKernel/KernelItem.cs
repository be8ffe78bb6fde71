using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

/// <summary>The metadata of <c>@(_KlpKernel)</c> by name: what evaluation found about the kernel and what the project overrides.</summary>
internal sealed class KernelItem(ITaskItem item)
{
    public string Release => item.GetMetadata("Release");

    public string BuildDirectory => item.GetMetadata("BuildDirectory");

    public string? ImageFile => Optional("ImageFile");

    public string? ModulesDirectory => Optional("ModulesDirectory");

    public string SymversFile => item.GetMetadata("SymversFile");

    public string? SystemMapFile => Optional("SystemMapFile");

    public string Rules => item.GetMetadata("Rules");

    public string? Toolchain => Optional("Toolchain");

    public string? CompilerPath => Optional("CompilerPath");

    public string? LinkerPath => Optional("LinkerPath");

    public string? CrossPrefix => Optional("CrossPrefix");

    public string CompilerVersionCheck => item.GetMetadata("CompilerVersionCheck");

    /// <summary>The module is no livepatch, so that any kernel takes it.</summary>
    public bool IsOrdinary => item.GetMetadata("IsOrdinary") == "true";

    public string CacheDirectory => item.GetMetadata("CacheDirectory");

    /// <summary>What a KernelTarget item says its tree is for; empty where none does.</summary>
    public string WantedArchitecture => item.GetMetadata("WantedArchitecture");

    /// <summary>Where warnings are left for the outer build; null where there is none.</summary>
    public string? FindingsPlace => Optional("FindingsPlace");

    /// <summary><c>NoWarn</c> of this kernel's build.</summary>
    public string WarningsAsMessages => item.GetMetadata("WarningsAsMessages");

    private string? Optional(string name) => item.GetMetadata(name) is { Length: > 0 } value ? value : null;
}
