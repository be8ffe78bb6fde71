using Klp.Base;
using Klp.Kernel;

namespace Klp.Guest;

/// <summary>A kernel image as QEMU gets it: checked before, since QEMU's own words for a missing or foreign file help nobody.</summary>
/// <param name="Unpacked">The kernel's bytes where QEMU could not unpack the file itself; null: the file as it is.</param>
internal sealed record GuestImage(GuestArchitecture Architecture, ReadOnlyMemory<byte>? Unpacked)
{
    /// <summary>Looks at an image; null with KLP0802 (not there), KLP0803 (may not be read), KLP0804 (no kernel) or the reason it cannot be unpacked.</summary>
    public static GuestImage? Open(string path, DiagnosticBag diagnostics)
    {
        var head = new byte[GuestArchitecture.HeadLength];
        int length;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            length = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        }
        catch (UnauthorizedAccessException) when (File.Exists(path))
        {
            diagnostics.Error("KLP0803", path, "Only root may read this kernel image, as some distributions set it up.",
                $"Make a copy of your own and name it: sudo install -m 644 -o \"$USER\" '{path}' ~/{Path.GetFileName(path)}"
                + $" and then -p:KlpKernelImageFile=$HOME/{Path.GetFileName(path)} (klp run: --image).");
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            diagnostics.Error("KLP0802", path, "There is no kernel image here to boot. Kernel headers alone can build a patch, but not run it.",
                "Install the kernel's own package (Debian and Ubuntu: linux-image-<release>; Fedora and SUSE: kernel-core, kernel-default), "
                + "or name an image with -p:KlpKernelImageFile=<path of vmlinuz> (klp run: --image).");
            return null;
        }

        if (GuestArchitecture.OfImage(head.AsSpan(0, length)) is { } architecture)
        {
            return new GuestImage(architecture, null);
        }

        // arm64's Image.gz and its EFI image that unpacks itself: QEMU learned the second late.
        if (Decompressor.Sniff(head.AsSpan(0, length)) != CompressionFormat.None || IsZboot(head.AsSpan(0, length)))
        {
            var before = diagnostics.Count;
            var payload = SafeFile.Read(path, diagnostics) is { } bytes ? ImagePayload.Find(bytes, path, diagnostics) : null;
            if (payload is not null && GuestArchitecture.OfImage(payload.Bytes.Span) is { } packed)
            {
                return new GuestImage(packed, payload.Bytes);
            }

            if (diagnostics.Count > before)
            {
                return null;
            }
        }

        diagnostics.Error("KLP0804", path,
            "This file is no kernel image that can be booted here: neither a bzImage (x86_64, s390x) nor an Image (arm64) nor a vmlinux of ppc64le.",
            "Name the kernel's vmlinuz with KlpKernelImageFile.");
        return null;
    }

    private static bool IsZboot(ReadOnlySpan<byte> head) => head.StartsWith("MZ"u8) && head.Length > 8 && head[4..].StartsWith("zimg"u8);
}
