namespace Klp.Guest;

/// <summary>Everything that is to be tested of one patch on one kernel. All paths of the host are absolute.</summary>
public sealed record TestRunRequest
{
    /// <summary>The finished livepatch module.</summary>
    public required GuestModule Module { get; init; }

    /// <summary>Where its file is, for messages.</summary>
    public required string ModuleFile { get; init; }

    /// <summary>The release it was built for.</summary>
    public required string Release { get; init; }

    /// <summary>It patches the kernel itself.</summary>
    public bool PatchesVmlinux { get; init; } = true;

    /// <summary>Modules that it patches and that can be loaded here.</summary>
    public IReadOnlyList<TestTarget> Targets { get; init; } = [];

    public IReadOnlyList<TestScript> Scripts { get; init; } = [];

    /// <summary>The patch says that it replaces those before it.</summary>
    public bool Replaces { get; init; }

    /// <summary>The same patch under another name, to be loaded over it; null where it was not built.</summary>
    public GuestModule? Successor { get; init; }

    /// <summary>The boot; its steps, modules and files are filled in by the run.</summary>
    public required GuestRequest Guest { get; init; }

    /// <summary>A transition that takes longer has failed. The kernel helps stuck tasks along every 15 seconds.</summary>
    public TimeSpan TransitionTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A script that takes longer has failed.</summary>
    public TimeSpan ScriptTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
