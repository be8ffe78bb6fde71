namespace Klp.Elf.Dwarf;

/// <summary>One row of the line matrix; names are made only for the row that answers a question. <see cref="Unit"/> is null for the row that ends a run of code.</summary>
internal readonly record struct LineRow(ulong Offset, LineHeader? Unit, uint File, int Line, int Column);
