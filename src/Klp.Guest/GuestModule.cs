namespace Klp.Guest;

/// <summary>A kernel module for the guest: its name as the kernel has it, and the bytes of its (uncompressed) file.</summary>
public sealed record GuestModule(string Name, ReadOnlyMemory<byte> Content);
