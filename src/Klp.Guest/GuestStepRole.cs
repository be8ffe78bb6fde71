namespace Klp.Guest;

/// <summary>What a step's failure means to the steps of its group.</summary>
public enum GuestStepRole
{
    /// <summary>Its exit status is only noted. It is skipped after a failed required step.</summary>
    Optional,

    /// <summary>Where it fails, the rest of its group is skipped, except what always runs.</summary>
    Required,

    /// <summary>Runs whatever happened before.</summary>
    Always,
}
