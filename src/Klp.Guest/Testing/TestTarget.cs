using Klp.Kernel;

namespace Klp.Guest;

/// <summary>A module of the kernel that the patch patches.</summary>
/// <param name="Name">As the kernel has it.</param>
/// <param name="Modules">The module and all it depends on, in loading order; the last one is the module itself.</param>
public sealed record TestTarget(string Name, IReadOnlyList<GuestModule> Modules, TargetReload Reload);
