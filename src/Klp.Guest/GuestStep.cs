namespace Klp.Guest;

/// <summary>One thing the guest does, as a shell script of its own, with its output and exit status captured.</summary>
/// <param name="Name">For messages and to find the result.</param>
/// <param name="Script">Text for the guest's shell (busybox ash); its standard input is empty.</param>
public sealed record GuestStep(string Name, string Script)
{
    /// <summary>Steps of one group stand and fall together.</summary>
    public string Group { get; init; } = "";

    public GuestStepRole Role { get; init; } = GuestStepRole.Optional;

    /// <summary>After this the guest kills the step, which then has exit status 137.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The step gets the host's terminal; at most one of a run.</summary>
    public bool Interactive { get; init; }

    /// <summary>Loads a module of the request (<see cref="GuestRequest.Modules"/>) that is not loaded yet.</summary>
    public static GuestStep Insert(string name, GuestModule module) =>
        new(name, $"[ -d /sys/module/{module.Name} ] && [ -e /sys/module/{module.Name}/initstate ] || insmod {GuestPath(module)}{(module.IsOptional ? " || true" : "")}") { Role = GuestStepRole.Required };

    /// <summary>Unloads a module. The kernel lets go of a patch a moment after its folder in sysfs is gone, so this tries for a while.</summary>
    public static GuestStep Remove(string name, string moduleName) =>
        new(name, $"""
            n=0
            while ! error=$(rmmod {moduleName} 2>&1); do
              n=$((n+1)); [ $n -lt 50 ] || break
              usleep 100000
            done
            [ $n -lt 50 ] || echo "$error"
            [ ! -d /sys/module/{moduleName} ]
            """) { Role = GuestStepRole.Required };

    /// <summary>Waits until a loaded patch is no longer in transition.</summary>
    public static GuestStep AwaitTransition(string name, string patch, TimeSpan atMost) =>
        new(name, TestSteps.AwaitTransition(patch, atMost)) { Role = GuestStepRole.Required, Timeout = atMost + TimeSpan.FromSeconds(60) };

    /// <summary>Disables a patch and waits until the kernel has dropped it.</summary>
    public static GuestStep Disable(string name, string patch, TimeSpan atMost) =>
        new(name, TestSteps.Disable(patch, atMost)) { Role = GuestStepRole.Required, Timeout = atMost + TimeSpan.FromSeconds(60) };

    /// <summary>Where a module's file is in the guest.</summary>
    public static string GuestPath(GuestModule module) => $"/klp/modules/{module.Name}.ko";
}
