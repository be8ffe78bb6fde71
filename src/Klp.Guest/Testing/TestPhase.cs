namespace Klp.Guest;

/// <summary>When a test script runs.</summary>
public enum TestPhase
{
    /// <summary>Before the patch is loaded: the kernel as it was.</summary>
    Before,

    /// <summary>Again and again from before the load until after the revert: the patch comes and goes under its load.</summary>
    During,

    /// <summary>With the patch in place and its transition over.</summary>
    Loaded,

    /// <summary>After the patch was disabled and unloaded.</summary>
    Reverted,
}
