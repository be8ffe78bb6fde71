namespace Klp.Kernel;

/// <summary>A kernel the project names itself: a <c>KernelTarget</c> item.</summary>
/// <param name="Name">What <c>TargetKernel</c> or <c>TargetKernels</c> call it.</param>
/// <param name="BuildDirectory">Absolute path of its build tree; empty where the item says none.</param>
/// <param name="Architecture">What the tree must be for; empty for whatever it is.</param>
/// <param name="CrossPrefix">Before the names of its compiler and linker; empty for the architecture's own.</param>
public sealed record OwnKernel(string Name, string BuildDirectory, string Architecture = "", string CrossPrefix = "");
