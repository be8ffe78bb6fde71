namespace Klp.Guest;

/// <summary>One boot: a kernel, the modules it gets and what it does. All paths are absolute.</summary>
public sealed record GuestRequest
{
    /// <summary>vmlinuz.</summary>
    public required string ImageFile { get; init; }

    public required IReadOnlyList<GuestStep> Steps { get; init; }

    /// <summary>With <see cref="Files"/> the only files of the host in the guest, besides the shell.</summary>
    public IReadOnlyList<GuestModule> Modules { get; init; } = [];

    /// <summary>Further files, all executable.</summary>
    public IReadOnlyList<GuestFile> Files { get; init; } = [];

    /// <summary>In the form of <c>$PATH</c>: where QEMU and busybox are looked for.</summary>
    public required string SearchPath { get; init; }

    /// <summary>Names QEMU outright; null: the architecture's program on the search path.</summary>
    public string? QemuPath { get; init; }

    /// <summary>Words put behind ours.</summary>
    public IReadOnlyList<string> QemuOptions { get; init; } = [];

    /// <summary>Words put behind ours on the kernel's command line.</summary>
    public IReadOnlyList<string> KernelOptions { get; init; } = [];

    /// <summary>MiB.</summary>
    public int Memory { get; init; } = 512;

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>A folder for this run's own temporary folder.</summary>
    public required string TemporaryDirectory { get; init; }

    /// <summary>False: never the host's processor, only emulation. True: the host's processor where that works.</summary>
    public bool MayAccelerate { get; init; } = true;

    /// <summary>
    /// An emulated kernel starts as a boot loader starts it: it unpacks itself, which takes seconds, and chooses random addresses (KASLR).
    /// False: an emulated x86_64 kernel is unpacked by the host where it can be.
    /// </summary>
    public bool UnpacksItself { get; init; }

    /// <summary>A line that a step printed, while it runs; from another thread.</summary>
    public Action<GuestStep, string>? OnLine { get; init; }

    /// <summary>What a step printed, byte for byte, while it runs; from another thread.</summary>
    public Action<GuestStep, ReadOnlyMemory<byte>>? OnOutput { get; init; }

    /// <summary>A step's end; from another thread.</summary>
    public Action<GuestStepResult>? OnStep { get; init; }

    /// <summary>For the interactive step.</summary>
    public GuestTerminal? Terminal { get; init; }
}
