namespace Klp.Base;

/// <summary>How a decoder ended.</summary>
internal enum StreamEnd
{
    /// <summary>At the end of the stream, checksums right.</summary>
    Complete,

    /// <summary>The input ended first.</summary>
    Truncated,

    /// <summary>The input is no valid stream.</summary>
    Corrupt,

    /// <summary>The output reached the caller's limit.</summary>
    TooLarge,

    /// <summary>The library could not get the memory it needs.</summary>
    NoMemory,

    /// <summary>The stream asks for more memory than any kernel's needs.</summary>
    TooHungry,
}
