using System.Globalization;
using System.Text;
using Klp.Base;

namespace Klp.Store;

/// <summary>Unpacks a cpio stream of the <c>newc</c> form (cpio(5)), which is what an .rpm holds.</summary>
internal static class CpioUnpacker
{
    private const int HeaderSize = 110, TypeMask = 0xF000, RegularFile = 0x8000, Directory = 0x4000, Link = 0xA000;

    private const string End = "TRAILER!!!";

    /// <summary>False with KLP0267 (no whole archive) or what <see cref="UnpackTarget"/> refuses.</summary>
    public static bool Unpack(ReadOnlyMemory<byte> cpio, string archive, UnpackTarget target, DiagnosticBag diagnostics)
    {
        for (var at = 0L; at + HeaderSize <= cpio.Length;)
        {
            var header = cpio.Span.Slice((int)at, HeaderSize);
            if (!header.StartsWith("070701"u8) && !header.StartsWith("070702"u8))
            {
                break;
            }

            var (mode, size, nameSize) = (Field(header, 1), Field(header, 6), Field(header, 11));
            var content = Align(at + HeaderSize + nameSize);
            if (mode < 0 || size < 0 || nameSize < 1 || content + size > cpio.Length)
            {
                break;
            }

            var name = Encoding.UTF8.GetString(cpio.Span.Slice((int)at + HeaderSize, (int)nameSize - 1));
            if (name == End)
            {
                return true;
            }

            if (!Place(name, (int)mode, cpio.Slice((int)content, (int)size), archive, target, diagnostics))
            {
                return false;
            }

            at = Align(content + size);
        }

        diagnostics.Error("KLP0267", archive, "The archive inside this file is damaged or cut off.", "Copy or download the file again.");
        return false;
    }

    private static bool Place(string name, int mode, ReadOnlyMemory<byte> content, string archive, UnpackTarget target, DiagnosticBag diagnostics) => (mode & TypeMask) switch
    {
        // Of a file with several names only the last carries the content; kernel packages have none of consequence.
        RegularFile => target.File(archive, name, new MemoryStream(content.ToArray()), (UnixFileMode)(mode & 0x1FF), diagnostics),
        Directory => target.Folder(archive, name, diagnostics),
        Link => target.Link(archive, name, Encoding.UTF8.GetString(content.Span), diagnostics),
        _ => target.Refuse(archive, name, "it is of a kind that no kernel package has, such as a device", diagnostics),
    };

    private static long Align(long place) => (place + 3) & ~3L;

    private static long Field(ReadOnlySpan<byte> header, int index) =>
        long.TryParse(Encoding.ASCII.GetString(header.Slice(6 + (index * 8), 8)), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : -1;
}
