namespace Klp.Guest;

/// <summary>A file for the guest besides its modules, for instance a test script.</summary>
/// <param name="Path">Where it lies in the guest, absolute.</param>
public sealed record GuestFile(string Path, ReadOnlyMemory<byte> Content);
