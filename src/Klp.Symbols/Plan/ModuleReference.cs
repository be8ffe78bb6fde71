using Klp.Elf;

namespace Klp.Symbols;

/// <summary>One relocation against a symbol.</summary>
/// <param name="RelocationSection">Where it stands; -1 for one that is still to be created (<c>__klp_relocs</c>).</param>
/// <param name="Entry">Its number there, or in the list of those to be created.</param>
/// <param name="BaseSection">The section it changes.</param>
internal readonly record struct ModuleReference(int RelocationSection, int Entry, int BaseSection, ElfRelocation Relocation);
