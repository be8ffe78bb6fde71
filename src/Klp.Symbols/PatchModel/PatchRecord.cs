using Klp.Base;
using Klp.Elf;

namespace Klp.Symbols;

/// <summary>One record that a macro of <c>klp/patch.h</c> left in <c>.klp.patch</c>.</summary>
/// <param name="Object">As written: <c>vmlinux</c> or a module's name, '-' not yet replaced; empty for the module line.</param>
/// <param name="Name">The old function's name; empty where the kind has none.</param>
/// <param name="Position">0 or 1-based, as written.</param>
/// <param name="Target">The record's own relocation: the replacement function, the callback, or the <c>klp_patch</c>.</param>
/// <param name="Place">File and line of the macro.</param>
public sealed record PatchRecord(PatchRecordKind Kind, string Object, string Name, ulong Position, ElfRelocation Target, SourcePlace Place)
{
    /// <summary>The callback's name as the kernel's struct has it, or null for another kind.</summary>
    public string? CallbackName => Kind switch
    {
        PatchRecordKind.PrePatch => "pre_patch",
        PatchRecordKind.PostPatch => "post_patch",
        PatchRecordKind.PreUnpatch => "pre_unpatch",
        PatchRecordKind.PostUnpatch => "post_unpatch",
        _ => null,
    };
}
