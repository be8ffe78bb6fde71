namespace Klp.Guest;

/// <summary>How a boot ended.</summary>
public enum GuestVerdict
{
    /// <summary>All steps were gone through and the machine was switched off.</summary>
    Finished,

    /// <summary>The kernel panicked.</summary>
    Panicked,

    /// <summary>The time was up; the machine was killed.</summary>
    TimedOut,

    /// <summary>QEMU ended, or the guest did, before the steps were done and without a panic.</summary>
    Stopped,
}
