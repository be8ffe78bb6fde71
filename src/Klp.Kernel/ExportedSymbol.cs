namespace Klp.Kernel;

/// <summary>One line of a Module.symvers: a symbol that modules may import.</summary>
/// <param name="Crc">Version checksum of its type; 0 where the kernel has no MODVERSIONS.</param>
/// <param name="Owner"><c>vmlinux</c>, or the exporting module's name as the kernel says it (<c>-</c> is <c>_</c>).</param>
/// <param name="GplOnly">Only modules with a GPL-compatible licence may use it.</param>
/// <param name="Namespace">The namespace a user must import; null for none.</param>
public sealed record ExportedSymbol(string Name, uint Crc, string Owner, bool GplOnly, string? Namespace);
