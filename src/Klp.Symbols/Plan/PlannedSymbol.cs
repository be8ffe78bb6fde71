using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>
/// One decision of the plan. A symbol has one, or several where its references need different symbol table entries:
/// an import and a livepatch symbol, or livepatch symbols for several section objects.
/// </summary>
/// <param name="SymbolIndex">In the module's symbol table.</param>
/// <param name="Name">As the module has it now.</param>
/// <param name="SectionObject">The object whose relocation section takes the references; null unless the decision is <see cref="SymbolDecision.Livepatch"/>, and for a livepatch symbol only debug information refers to.</param>
/// <param name="Export">For an import.</param>
/// <param name="Livepatch">For a livepatch symbol: its new name.</param>
public sealed record PlannedSymbol(
    int SymbolIndex, string Name, SymbolDecision Decision, string? SectionObject = null, ExportedSymbol? Export = null, LivepatchSymbolName? Livepatch = null);
