using System.Text;

namespace Klp.Kernel;

/// <summary>The banner every kernel holds: <c>Linux version 6.1.0-50-amd64 (builder@host) …</c> (init/version.c, linux_banner).</summary>
internal static class KernelBanner
{
    private const int LongestRelease = 64; // __NEW_UTS_LEN

    private static ReadOnlySpan<byte> Start => "Linux version "u8;

    /// <summary>Offset of the first banner with a version number, or -1.</summary>
    public static int Find(ReadOnlySpan<byte> bytes)
    {
        for (int from = 0, hit; (hit = bytes[from..].IndexOf(Start)) >= 0; from += hit + 1)
        {
            if (ReleaseAt(bytes, from + hit) is not null)
            {
                return from + hit;
            }
        }

        return -1;
    }

    /// <summary>The release in the banner at an offset, or null where there is none.</summary>
    public static string? ReleaseAt(ReadOnlySpan<byte> bytes, int offset)
    {
        if (offset < 0 || offset > bytes.Length || !bytes[offset..].StartsWith(Start))
        {
            return null;
        }

        var text = bytes[(offset + Start.Length)..];
        text = text[..Math.Min(text.Length, LongestRelease + 1)];
        var end = text.IndexOf((byte)' ');
        return end > 0 && char.IsAsciiDigit((char)text[0]) && text[..end].IndexOfAnyExceptInRange((byte)'!', (byte)'~') < 0 ? Encoding.ASCII.GetString(text[..end]) : null;
    }
}
