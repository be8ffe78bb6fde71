using Klp.Base;
using Klp.Elf;

namespace Klp.Kernel;

/// <summary>The kernel proper inside an image file: a vmlinux ELF (x86, powerpc, s390 from 5.x on) or raw bytes (arm64).</summary>
/// <param name="Bytes">Decompressed. Large: 60 MB and more; drop it when done.</param>
/// <param name="Packaging">How the image held it, for people: <c>bzImage, xz</c>.</param>
public sealed record ImagePayload(ReadOnlyMemory<byte> Bytes, string Packaging)
{
    /// <summary>Finds and unpacks the kernel in an image's bytes.</summary>
    /// <returns>Null with KLP0240 (no kernel found) or a decompression error KLP0231 to KLP0235.</returns>
    public static ImagePayload? Find(ReadOnlyMemory<byte> image, string path, DiagnosticBag diagnostics, CancellationToken cancellation = default)
    {
        if (ElfFile.IsElf(image.Span))
        {
            return OfElf(image, path, diagnostics, cancellation);
        }

        if (BootImage.FindCompressed(image.Span) is { } place)
        {
            return Unpack(image, place, path, diagnostics, cancellation);
        }

        if (Decompressor.Sniff(image.Span) != CompressionFormat.None)
        {
            var place0 = new CompressedPlace(0, image.Length, 0, "compressed file");
            return Unpack(image, place0, path, diagnostics, cancellation) is { } whole ? Find(whole.Bytes, path, diagnostics, cancellation) is { } inner ? inner with { Packaging = whole.Packaging } : null : null;
        }

        return BootImage.IsRaw(image.Span) ? new ImagePayload(image, "raw image") : Scan(image, path, diagnostics, cancellation);
    }

    /// <summary>An ELF file is the kernel itself, or a boot wrapper (powerpc zImage, s390 bzImage as ELF) with a compressed kernel in it.</summary>
    private static ImagePayload? OfElf(ReadOnlyMemory<byte> image, string path, DiagnosticBag diagnostics, CancellationToken cancellation) =>
        BootImage.FindInElf(image.Span) is { } place ? Unpack(image, place, path, diagnostics, cancellation) : new ImagePayload(image, "vmlinux");

    private static ImagePayload? Unpack(ReadOnlyMemory<byte> image, CompressedPlace place, string path, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var part = image.Span.Slice(place.Offset, place.Length);
        var unpacked = Decompressor.Decompress(part, path, Decompressor.ReasonableLimit(part.Length), diagnostics, place.ExpectedSize, cancellation: cancellation);
        return unpacked is null ? null : new ImagePayload(unpacked.Bytes, $"{place.Container}, {Decompressor.Sniff(part).ToString().ToLowerInvariant()}");
    }

    /// <summary>An unknown wrapper: the first compressed stream in it that unpacks to something large.</summary>
    private static ImagePayload? Scan(ReadOnlyMemory<byte> image, string path, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        foreach (var place in BootImage.ScanForStreams(image.Span))
        {
            var attempt = new DiagnosticBag();
            if (Unpack(image, place, path, attempt, cancellation) is { } payload && payload.Bytes.Length > image.Length / 2)
            {
                return payload;
            }

            if (attempt.FirstOrDefault(d => d.Id == "KLP0231") is { } missing)
            {
                diagnostics.Add(missing);
                return null;
            }
        }

        diagnostics.Error(
            "KLP0240", path, "No kernel was found in this file: it is no bzImage, no Image, no zImage, no vmlinux and nothing compressed, or it is cut off.",
            "Give the whole kernel image of the target, for example /boot/vmlinuz-<release>.");
        return null;
    }
}
