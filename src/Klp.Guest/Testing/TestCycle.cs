namespace Klp.Guest;

/// <summary>One way of loading a patch and taking it out again. The cycles of one boot follow each other in this order.</summary>
public enum TestCycle
{
    /// <summary>The modules it patches are loaded first; the project's scripts run in this one.</summary>
    Ordinary,

    /// <summary>A newer version is loaded over it.</summary>
    Replace,

    /// <summary>The modules it patches are loaded after it, and then again.</summary>
    Late,
}
