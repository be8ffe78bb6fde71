namespace Klp.Guest;

/// <summary>What a test script must do.</summary>
public enum TestExpectation
{
    /// <summary>Exit with status 0.</summary>
    Pass,

    /// <summary>
    /// Run and say no: exit with a status from 1 to 125. Not to be found, not to be runnable, a signal or a timeout is none of that. Before the patch is loaded
    /// a kernel that reports trouble has said no too: that is how many a fault shows.
    /// </summary>
    Fail,
}
