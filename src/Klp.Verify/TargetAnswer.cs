namespace Klp.Verify;

/// <summary>What the kernel finds for (object, name, position).</summary>
internal enum TargetAnswer
{
    Found,

    /// <summary>No symbol of that name.</summary>
    Missing,

    /// <summary>Several, and position 0.</summary>
    Ambiguous,

    /// <summary>Fewer than the position.</summary>
    OutOfRange,

    /// <summary>It lies in memory that is freed after start.</summary>
    Init,

    /// <summary>Another one when the module has freed its init memory.</summary>
    ChangesWithTime,
}
