using Klp.Base;

namespace Klp.Guest;

/// <summary>Checks a kernel image before QEMU gets it, since QEMU's own words for a missing or foreign file help nobody.</summary>
internal static class GuestImage
{
    /// <summary>The architecture of the image; null with KLP0802 (not there), KLP0803 (may not be read) or KLP0804 (no kernel).</summary>
    public static GuestArchitecture? Check(string path, DiagnosticBag diagnostics)
    {
        var head = new byte[4096];
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
            return architecture;
        }

        diagnostics.Error("KLP0804", path, "This file is no kernel image that can be booted here: it has no x86 boot header.",
            "Name the kernel's vmlinuz (bzImage) with KlpKernelImageFile.");
        return null;
    }
}
