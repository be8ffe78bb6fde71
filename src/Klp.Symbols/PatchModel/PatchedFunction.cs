using Klp.Base;

namespace Klp.Symbols;

/// <summary>One claim of a patch: this function replaces that one.</summary>
/// <param name="OldName">The replaced function's name in kallsyms.</param>
/// <param name="Position">old_sympos: 0 or 1-based; 0 and 1 are the same claim.</param>
/// <param name="SectionIndex">Section of the replacement, 0 where the module does not define it.</param>
/// <param name="Offset">Of the replacement in that section, bytes.</param>
/// <param name="NewName">The replacement's symbol, where it has one.</param>
/// <param name="WrittenAt">The macro's line, or the replacement's, as far as that is known.</param>
public sealed record PatchedFunction(string OldName, ulong Position, int SectionIndex, ulong Offset, string? NewName, LazyPlace WrittenAt)
{
    public SourcePlace Place => WrittenAt.Value;
}
