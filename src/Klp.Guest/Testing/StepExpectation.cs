namespace Klp.Guest;

/// <summary>When a step of a test has done what it should.</summary>
public enum StepExpectation
{
    /// <summary>Its exit status is 0.</summary>
    Success,

    /// <summary>It ran and said no; see <see cref="TestExpectation.Fail"/>.</summary>
    No,

    /// <summary>The same, or the kernel reported trouble.</summary>
    NoOrTrouble,

    /// <summary>It failed, and the kernel says that it refused to load a module.</summary>
    Refusal,
}
