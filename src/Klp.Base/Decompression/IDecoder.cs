namespace Klp.Base;

/// <summary>One compression's decoder: from a buffer that starts with a stream to an output buffer.</summary>
internal interface IDecoder
{
    /// <summary>Name of the shared library it calls, and Debian's and Fedora's package of it; null where none is needed.</summary>
    (string Library, string Package)? Needs { get; }

    /// <summary>Decodes the stream at the start of <paramref name="input"/>.</summary>
    /// <param name="consumed">Bytes of the input that belong to the stream, when complete.</param>
    StreamEnd Decode(ReadOnlySpan<byte> input, OutputBuffer output, out int consumed);
}
