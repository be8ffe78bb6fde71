using System.Security.Cryptography;
using System.Text;

namespace Klp.Base;

/// <summary>Content digests: SHA-256 as 64 lower-case hexadecimal digits. A digest names content; a fingerprint names a command.</summary>
public static class Digest
{
    public static string OfBytes(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static string OfText(string text) => OfBytes(Encoding.UTF8.GetBytes(text));

    /// <summary>Digest of a sequence of words; the boundaries between words count.</summary>
    public static string OfWords(IEnumerable<string> words) => OfText(string.Join('\0', words));

    /// <summary>Digest of a file's content, or null where it does not exist or cannot be read, or is a pipe or device, of which nobody knows whether it ends.</summary>
    public static string? OfFile(string path)
    {
        if (SpecialFile.Is(path))
        {
            return null;
        }

        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16, FileOptions.SequentialScan);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
