namespace Klp.Guest;

/// <summary>A kernel module for the guest: its name as the kernel has it, and the bytes of its (uncompressed) file.</summary>
public sealed record GuestModule(string Name, ReadOnlyMemory<byte> Content)
{
    /// <summary>Others go on without it where the kernel does not take it: a driver for what this machine does not have.</summary>
    public bool IsOptional { get; init; }
}
