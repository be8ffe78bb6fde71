using Klp.Guest;
using Klp.Symbols;

namespace Klp.Guest.Tests;

/// <summary>What one kernel showed.</summary>
/// <param name="Symbols">What the livepatch asked for, in the order of its answers.</param>
public sealed record ProofBoot(SymbolIndex Index, IReadOnlyList<KernelSymbol> Symbols, GuestResult Result);
