using Klp.Base;

namespace Klp.Symbols;

/// <summary>What one annotation says of one undefined symbol of the module.</summary>
/// <param name="SymbolIndex">The symbol in the module's table.</param>
/// <param name="SectionObject">The patched object whose code holds the references; null where this form does not say it.</param>
/// <param name="Object">The object that defines the symbol, normalised.</param>
/// <param name="Symbol">Its name there.</param>
/// <param name="Position">0: unique; n: the n-th. Meaningless with a file.</param>
/// <param name="File">The source file that defines it, in place of a position; null otherwise.</param>
public sealed record SymbolAnnotation(
    AnnotationForm Form, int SymbolIndex, string? SectionObject, string Object, string Symbol, ulong Position, string? File, SourcePlace Place)
{
    /// <summary>As the author would recognise it in a message.</summary>
    public override string ToString() => $"{Object}.{Symbol},{(File is null ? Position : "@" + File)}";
}
