namespace Klp.Kernel;

/// <summary>A kernel's release and the build tree found for it.</summary>
public sealed record KernelPlace(string Release, string BuildDirectory);
