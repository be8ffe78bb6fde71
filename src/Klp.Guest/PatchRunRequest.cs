using Klp.Base;

namespace Klp.Guest;

/// <summary>A demonstration of one patch in a booted kernel: before, with, after. All paths are absolute.</summary>
public sealed record PatchRunRequest
{
    /// <summary>The finished livepatch module.</summary>
    public required GuestModule Module { get; init; }

    /// <summary>Where the module's file is, for messages.</summary>
    public required string ModuleFile { get; init; }

    /// <summary>The boot; its steps and modules are filled in by the run.</summary>
    public required GuestRequest Guest { get; init; }

    /// <summary>A command of the guest's shell, run before, with and after the patch; null: the state under /sys/kernel/livepatch.</summary>
    public string? ShowCommand { get; init; }

    /// <summary>Loaded before the patch: modules of the kernel, each after what it depends on.</summary>
    public IReadOnlyList<GuestModule> LoadBefore { get; init; } = [];

    /// <summary>Loaded when the patch is in place (a patch waits for its modules), each after what it depends on.</summary>
    public IReadOnlyList<GuestModule> LoadAfter { get; init; } = [];

    /// <summary>
    /// What else may be loaded when the patch is in place, per module with all it depends on before it: of these the guest loads those that the patch
    /// patches, so that it can be seen at work.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<GuestModule>> Candidates { get; init; } = new Dictionary<string, IReadOnlyList<GuestModule>>();

    /// <summary>Run once with the patch loaded, in place of the shows; null: none.</summary>
    public string? Command { get; init; }

    /// <summary><see cref="Command"/> gets the request's terminal.</summary>
    public bool Interactive { get; init; }

    /// <summary>A transition that takes longer has failed. The kernel helps stuck tasks along every 15 seconds.</summary>
    public TimeSpan TransitionTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
