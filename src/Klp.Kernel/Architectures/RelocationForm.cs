namespace Klp.Kernel;

/// <summary>What a relocation computes, as far as a livepatch must care.</summary>
public enum RelocationForm
{
    /// <summary>Nothing, or a marker for the linker.</summary>
    None,

    /// <summary>An address (S+A) or a piece of one.</summary>
    Absolute,

    /// <summary>A distance from the place (S+A-P) or a piece of one.</summary>
    PcRelative,

    /// <summary>The target of a call or jump, through a stub or PLT entry where it is too far.</summary>
    Branch,

    /// <summary>A slot of the global offset table.</summary>
    Got,

    /// <summary>A distance from the TOC pointer (ppc64).</summary>
    Toc,

    /// <summary>Thread-local storage, which no kernel module has.</summary>
    Tls,
}
