namespace Klp.Base;

/// <summary>
/// Memory that one decompression after the other writes to, for thousands of files whose content nobody keeps. Of one thread at a time:
/// what the last one gave is valid until the next.
/// </summary>
public sealed class DecompressionScratch
{
    internal byte[] Bytes { get; set; } = [];
}
