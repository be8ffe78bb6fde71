using System.Globalization;
using System.Text;

namespace Klp.Store;

/// <summary>The <c>ar</c> container of a .deb (ar(5), the common form with 60-byte headers), read from memory.</summary>
internal static class ArArchive
{
    private const int HeaderSize = 60;

    private static ReadOnlySpan<byte> Magic => "!<arch>\n"u8;

    /// <summary>The members in order; null where the bytes are no whole archive.</summary>
    public static IReadOnlyList<(string Name, ReadOnlyMemory<byte> Content)>? Read(ReadOnlyMemory<byte> archive)
    {
        if (!archive.Span.StartsWith(Magic))
        {
            return null;
        }

        var members = new List<(string, ReadOnlyMemory<byte>)>();
        for (var at = (long)Magic.Length; at < archive.Length;)
        {
            if (archive.Length - at < HeaderSize)
            {
                return null;
            }

            var header = archive.Span.Slice((int)at, HeaderSize);
            var size = Encoding.ASCII.GetString(header.Slice(48, 10)).Trim();
            if (header[58] != '`' || header[59] != '\n' || !long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > archive.Length - at - HeaderSize)
            {
                return null;
            }

            members.Add((Encoding.ASCII.GetString(header[..16]).TrimEnd(' ', '/'), archive.Slice((int)at + HeaderSize, (int)length)));
            // Members start at even places.
            at += HeaderSize + length + (length & 1);
        }

        return members;
    }
}
