using Klp.Guest;
using Klp.Symbols;

namespace Klp.Guest.Tests;

/// <summary>What one kernel showed.</summary>
/// <param name="Targets">Names of the modules that were loaded.</param>
/// <param name="Symbols">What the livepatch asked for, in the order of its answers.</param>
public sealed record ProofBoot(SymbolIndex Index, IReadOnlyList<string> Targets, IReadOnlyList<KernelSymbol> Symbols, GuestResult Result);
