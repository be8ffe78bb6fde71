using Klp.Base;

namespace Klp.Symbols;

/// <summary>One callback of a patched object.</summary>
/// <param name="Kind"><c>pre_patch</c>, <c>post_patch</c>, <c>pre_unpatch</c> or <c>post_unpatch</c>.</param>
public sealed record PatchCallback(string Kind, int SectionIndex, ulong Offset, LazyPlace WrittenAt)
{
    public SourcePlace Place => WrittenAt.Value;
}
