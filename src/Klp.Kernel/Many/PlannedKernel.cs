namespace Klp.Kernel;

/// <summary>One inner build: a kernel of <c>TargetKernels</c>, by the first name it has there.</summary>
/// <param name="Name">As the project says it.</param>
/// <param name="Release">What the name means; empty where it is the project's own and its tree does not say.</param>
/// <param name="Own">The project's own words about it; null for a kernel of the store or the machine.</param>
public sealed record PlannedKernel(string Name, string Release, OwnKernel? Own);
