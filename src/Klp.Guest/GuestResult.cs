namespace Klp.Guest;

/// <summary>What one boot did.</summary>
public sealed record GuestResult
{
    public required GuestVerdict Verdict { get; init; }

    /// <summary>In the order of the request, all of them.</summary>
    public required IReadOnlyList<GuestStepResult> Steps { get; init; }

    /// <summary>The kernel's log from its first line, as far as it got out.</summary>
    public required IReadOnlyList<KernelLogLine> KernelLog { get; init; }

    /// <summary><c>uname -r</c> of the guest; null where user space was not reached.</summary>
    public string? Release { get; init; }

    /// <summary>/proc/sys/kernel/tainted before the first step; null where user space was not reached.</summary>
    public ulong? InitialTaints { get; init; }

    /// <summary>/proc/sys/kernel/tainted at the end; null where the end was not reached.</summary>
    public ulong? Taints { get; init; }

    /// <summary>
    /// Bytes that the guest's serial port sent and that did not arrive here. Null where the port does not count what it sends, or its count did not arrive.
    /// </summary>
    public long? LostBytes { get; init; }

    /// <summary>Something of what the guest sent was lost on the way: outputs, and what is concluded from them, may be wrong.</summary>
    public bool IsDamaged { get; init; }

    /// <summary>The machine ran on the host's processor, not emulated.</summary>
    public bool Accelerated { get; init; }

    public DateTimeOffset Started { get; init; }

    public TimeSpan Duration { get; init; }

    /// <summary>Lines that tell of a kernel in trouble: warnings, oopses, stalls, panics.</summary>
    public IEnumerable<KernelLogLine> Trouble => KernelLog.Where(l => l.IsTrouble);

    public GuestStepResult this[string stepName] => Steps.First(s => s.Step.Name == stepName);
}
