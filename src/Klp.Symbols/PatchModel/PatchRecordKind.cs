namespace Klp.Symbols;

/// <summary>What a record of the author's header says; the numbers are <c>_KLP_KIND_*</c> of <c>klp/patch.h</c>.</summary>
public enum PatchRecordKind : uint
{
    /// <summary>The module line; its target is the module's <c>struct klp_patch</c>.</summary>
    Module = 1,
    Function = 2,
    PrePatch = 3,
    PostPatch = 4,
    PreUnpatch = 5,
    PostUnpatch = 6,
}
