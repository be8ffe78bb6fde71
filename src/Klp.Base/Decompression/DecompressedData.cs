namespace Klp.Base;

/// <summary>What came out of a compressed stream, and how much of the input it took.</summary>
/// <param name="Bytes">The content. May be a part of a larger buffer.</param>
/// <param name="Consumed">Bytes of the input that belong to the stream; what follows is the caller's (a kernel payload has its size behind it).</param>
public sealed record DecompressedData(ReadOnlyMemory<byte> Bytes, int Consumed);
