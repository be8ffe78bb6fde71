namespace Klp.TestKit;

/// <summary>A symbol of a <see cref="SyntheticKernel"/>.</summary>
public readonly record struct SyntheticSymbol(ulong Address, char Type, string Name);
