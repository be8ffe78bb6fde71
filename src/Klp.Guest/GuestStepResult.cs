using System.Text;

namespace Klp.Guest;

/// <summary>What one step did.</summary>
/// <param name="ExitCode">Null where the step was skipped or did not end.</param>
/// <param name="Output">Standard output and error, in order, byte for byte; at most <see cref="MaximumOutput"/> bytes.</param>
/// <param name="KernelLog">What the kernel said while it ran.</param>
public sealed record GuestStepResult(GuestStep Step, int? ExitCode, ReadOnlyMemory<byte> Output, IReadOnlyList<KernelLogLine> KernelLog)
{
    /// <summary>A step that prints without end must not fill the host's memory; what comes after this many bytes is dropped.</summary>
    public const int MaximumOutput = 16 << 20;

    /// <summary>It began; a skipped step did not.</summary>
    public bool Ran { get; init; }

    /// <summary>/proc/sys/kernel/tainted at its end; null where the end was not reached.</summary>
    public ulong? Taints { get; init; }

    /// <summary>By the host's clock.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>By the host's clock; zero where it was skipped, until the last news where it did not end.</summary>
    public TimeSpan Duration { get; init; }

    public bool Succeeded => ExitCode == 0;

    public string Text => Encoding.UTF8.GetString(Output.Span);
}
