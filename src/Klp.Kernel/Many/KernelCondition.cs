namespace Klp.Kernel;

/// <summary>An item of the project that is meant for some kernels only.</summary>
/// <param name="Item">How a message calls it: its type and name.</param>
/// <param name="Patterns">Its <c>Kernels</c> metadata.</param>
public sealed record KernelCondition(string Item, string Patterns);
