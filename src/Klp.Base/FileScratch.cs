namespace Klp.Base;

/// <summary>
/// Memory that one file after the other is read and unpacked into, for thousands of files whose content nobody keeps. Of one thread at a time:
/// what the last file gave is valid until the next.
/// </summary>
public sealed class FileScratch
{
    private byte[] _content = [];

    /// <summary>Where content is unpacked to.</summary>
    internal byte[] Unpacked { get; set; } = [];

    /// <summary>Room for a file's own bytes.</summary>
    internal Memory<byte> Content(int length)
    {
        if (_content.Length < length)
        {
            _content = GC.AllocateUninitializedArray<byte>(Math.Max(length, 2 * _content.Length));
        }

        return _content.AsMemory(0, length);
    }
}
