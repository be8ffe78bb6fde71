namespace Klp.Base;

/// <summary>
/// Names of the kernel as bytes: one for each character, whatever they are; what a byte cannot hold becomes '?'.
/// The framework's own encoder is vector code, which is not compiled ahead of time: every process would compile it anew.
/// </summary>
public static class Latin1
{
    public static byte[] Bytes(ReadOnlySpan<char> text)
    {
        var bytes = new byte[text.Length];
        Write(text, bytes);
        return bytes;
    }

    /// <summary>Writes the text's bytes and returns how many they are.</summary>
    public static int Write(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        for (var i = 0; i < text.Length; i++)
        {
            bytes[i] = text[i] <= byte.MaxValue ? (byte)text[i] : (byte)'?';
        }

        return text.Length;
    }
}
